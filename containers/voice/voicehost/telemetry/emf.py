"""One line of CloudWatch's Embedded Metric Format, from which CloudWatch extracts metrics.

Format: "CloudWatch Embedded Metric Format", Amazon CloudWatch user guide.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Mapping
from typing import Literal, TextIO

Unit = Literal["Count", "Seconds", "Percent", "None"]
Metric = tuple[Unit, float | list[float]]


def emf_line(namespace: str, dimensions: Mapping[str, str], metrics: Mapping[str, Metric]) -> str:
    """The line without its end; all metrics carry all dimensions."""
    directive = {
        "Namespace": namespace,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": unit} for name, (unit, _) in metrics.items()],
    }
    document: dict[str, object] = {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        **dimensions,
        **{name: value for name, (_, value) in metrics.items()},
    }
    return json.dumps(document)


def write_line(out: TextIO, line: str) -> None:
    """Write at once. A metric that cannot be written must not end what it measures."""
    with contextlib.suppress(OSError, ValueError):
        out.write(line + "\n")
        out.flush()
