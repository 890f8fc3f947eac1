"""CloudWatch: GetMetricData gives one metric by exactly its dimensions, the newest value first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from ministack.services import cloudwatch

OLDEST_FIRST = "TimestampAscending"
_plain = cloudwatch._get_metric_data


def install() -> None:
    cloudwatch._get_metric_data = _get


def _get(
    params: Mapping[str, Any], data: Mapping[str, Any], is_cbor: bool, is_json: bool = False
) -> Any:
    """A query without dimensions means the metric that has none; MiniStack mixes all of its name.
    Expressions stay MiniStack's, which computes none."""
    queries = data.get("MetricDataQueries") or []
    if not (is_cbor or is_json) or any("Expression" in query for query in queries):
        return _plain(params, data, is_cbor, is_json)
    begin, end = (cloudwatch._parse_ts(data.get(name)) for name in ("StartTime", "EndTime"))
    newest_first = data.get("ScanBy") != OLDEST_FIRST
    results = [
        _result(query, begin, end, newest_first)
        for query in queries
        if query.get("ReturnData", True)
    ]
    if is_json:
        return cloudwatch._json_ok({"MetricDataResults": results})
    told = [cloudwatch._cbor_metric_data_result(result) for result in results]
    return cloudwatch._cbor_ok({"MetricDataResults": told})


def _result(query: Mapping[str, Any], begin: float, end: float, newest_first: bool) -> Any:
    stat = query["MetricStat"]
    metric, period = stat["Metric"], int(stat["Period"])
    named = cloudwatch._dims_from_list(metric.get("Dimensions") or [])
    key = (metric["Namespace"], metric["MetricName"], cloudwatch._dims_key(named))
    periods = defaultdict(list)
    for point in list(cloudwatch._metrics.get(key, [])):
        if begin <= point["Timestamp"] < end:
            periods[int(point["Timestamp"] // period) * period].append(point)
    moments = sorted(periods, reverse=newest_first)
    values = [
        cloudwatch._stat_value(cloudwatch._calc_stats(periods[at]), stat["Stat"], periods[at])
        for at in moments
    ]
    return {
        "Id": query["Id"],
        "Label": query.get("Label", metric["MetricName"]),
        "Timestamps": [cloudwatch._ts_iso(at) for at in moments],
        "Values": values,
        "StatusCode": "Complete",
    }
