"""CloudWatch metrics as Embedded Metric Format lines on standard output.

One JSON line a period and server; the awslogs driver carries it, no agent and no permission
needed. Format: "CloudWatch Embedded Metric Format", Amazon CloudWatch user guide.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Literal, TextIO

# The format allows 100 values of a metric in a line; with fewer a line stays below 4 KiB, which
# pipes pass on whole.
MOST_VALUES = 50

Unit = Literal["Count", "Seconds", "None"]
Values = dict[str, tuple[Unit, list[float]]]


class Metrics:
    """Collects values and gauges, and writes them each period. Thread-safe.

    `add` keeps every value until the next line; a gauge is read when the line is written.
    """

    def __init__(
        self,
        server: str,
        *,
        namespace: str = "GPUVoice",
        slot: str | None = None,
        out: TextIO | None = None,
    ) -> None:
        self._namespace = namespace
        self._dimensions = {"Slot": slot, "Server": server} if slot else {"Server": server}
        self._out = out
        self._lock = threading.Lock()
        self._values: Values = {}
        self._gauges: dict[str, tuple[Unit, Callable[[], float]]] = {}
        self._stop = threading.Event()

    def add(self, name: str, value: float, unit: Unit) -> None:
        with self._lock:
            values = self._values.setdefault(name, (unit, []))[1]
            values.append(round(value, 4))
            full = self._take() if len(values) >= MOST_VALUES else None
        if full is not None:
            self._write(full)

    def gauge(self, name: str, read: Callable[[], float], unit: Unit) -> None:
        self._gauges[name] = (unit, read)

    def write(self) -> None:
        """Write one line with everything since the last one."""
        with self._lock:
            values = self._take()
        self._write(values)

    def _take(self) -> Values:
        values, self._values = self._values, {}
        return values

    def _write(self, values: Values) -> None:
        metrics: dict[str, tuple[Unit, float | list[float]]] = dict(values)
        metrics.update({n: (unit, round(read(), 3)) for n, (unit, read) in self._gauges.items()})
        document: dict[str, object] = {
            "_aws": {
                "Timestamp": int(time.time() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": self._namespace,
                        "Dimensions": [list(self._dimensions)],
                        "Metrics": [{"Name": n, "Unit": unit} for n, (unit, _) in metrics.items()],
                    }
                ],
            },
            **self._dimensions,
            **{name: value for name, (_, value) in metrics.items()},
        }
        out = self._out or sys.stdout
        # A metric that cannot be written must not end what it measures.
        with contextlib.suppress(OSError, ValueError):
            out.write(json.dumps(document) + "\n")
            out.flush()

    def start(self, period_seconds: float) -> None:
        """Write a line each period, from a thread of its own."""

        def main() -> None:
            while not self._stop.wait(period_seconds):
                self.write()

        threading.Thread(target=main, name="metrics", daemon=True).start()

    def close(self) -> None:
        self._stop.set()
        self.write()
