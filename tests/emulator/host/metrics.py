"""What the log driver and CloudWatch make of a container's output: metrics of its EMF lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MARK = b'"_aws"'


class Metrics:
    """Reads a log as it grows. `carried` counts the lines that became metrics."""

    def __init__(self, cloudwatch: Any, log: Path) -> None:
        self._cloudwatch, self._log = cloudwatch, log
        self._at = 0
        self.muted = False
        self.carried = 0

    def carry(self) -> None:
        """Everything since the last time; what is written while it is muted is lost."""
        for line in self._lines():
            document = _document(line)
            if document is None or self.muted:
                continue
            for namespace, data in _data(document):
                self._cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
            self.carried += 1

    def _lines(self) -> list[bytes]:
        """Complete ones with the mark of the format."""
        with self._log.open("rb") as file:
            file.seek(self._at)
            whole, end, _ = file.read().rpartition(b"\n")
        self._at += len(whole) + len(end)
        return [line for line in whole.split(b"\n") if MARK in line]


def _document(line: bytes) -> Mapping[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("_aws"), dict) else None


def _data(document: Mapping[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """For each directive its namespace and a datum for each metric and set of dimensions."""
    at = datetime.fromtimestamp(document["_aws"]["Timestamp"] / 1000, UTC)
    for directive in document["_aws"]["CloudWatchMetrics"]:
        data = [
            {
                "MetricName": metric["Name"],
                "Dimensions": [{"Name": one, "Value": str(document[one])} for one in names],
                "Timestamp": at,
                "Unit": metric.get("Unit", "None"),
                **_values(document[metric["Name"]]),
            }
            for names in directive["Dimensions"]
            for metric in directive["Metrics"]
            if metric["Name"] in document and document[metric["Name"]] != []
        ]
        yield directive["Namespace"], data


def _values(found: Any) -> dict[str, Any]:
    return {"Values": found} if isinstance(found, list) else {"Value": found}
