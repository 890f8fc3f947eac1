"""What the servers reported of themselves, as CloudWatch has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from power.aws.clients import asked, client
from power.model import ServerFacts

PERIOD = 60
# (name, statistic) and the short name in the query's id.
WATCHED = {
    "age": ("SecondsSinceLastRequest", "Minimum"),
    "flight": ("InFlight", "Maximum"),
    "queue": ("QueueDepth", "Maximum"),
}
SERVERS = ("tts", "whisperx")


def server_metrics(namespace: str, slot: str, now: float, minutes: float) -> dict[str, ServerFacts]:
    """Facts of both servers from the lines of the last minutes; an unheard one has none.

    Raises Unreachable.
    """
    queries = [
        {
            "Id": f"{server}_{short}",
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": metric,
                    "Dimensions": [
                        {"Name": "Slot", "Value": slot},
                        {"Name": "Server", "Value": server},
                    ],
                },
                "Period": PERIOD,
                "Stat": statistic,
            },
        }
        for server in SERVERS
        for short, (metric, statistic) in WATCHED.items()
    ]
    end = datetime.fromtimestamp(now, UTC)
    with asked("asking for metrics"):
        found = client("cloudwatch").get_metric_data(
            MetricDataQueries=queries,
            StartTime=end - timedelta(minutes=minutes),
            EndTime=end + timedelta(seconds=PERIOD),
            ScanBy="TimestampDescending",
        )["MetricDataResults"]
    series = {each["Id"]: each for each in found}
    return {server: _facts(series, server, now) for server in SERVERS}


def _facts(series: dict[str, Any], server: str, now: float) -> ServerFacts:
    ages = _points(series.get(f"{server}_age"))
    if not ages:
        return ServerFacts()
    newest = max(at for at, _ in ages)
    return ServerFacts(
        newest_at=min(now, newest + PERIOD),
        last_request_at=max(at - age for at, age in ages),
        in_flight=_newest(_points(series.get(f"{server}_flight"))),
        queue_depth=_newest(_points(series.get(f"{server}_queue"))),
    )


def _points(series: Any) -> list[tuple[float, float]]:
    """(start of the minute, value); newest first."""
    if series is None:
        return []
    pairs = zip(series["Timestamps"], series["Values"], strict=True)
    return [(at.timestamp(), float(value)) for at, value in pairs]


def _newest(points: list[tuple[float, float]]) -> float:
    return max(points, default=(0.0, 0.0))[1]
