"""CloudWatch metrics as Embedded Metric Format lines on standard output.

One JSON line a period and server; the awslogs driver carries it, no agent and no permission
needed.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TextIO

from voicehost.telemetry.emf import Metric, Unit, emf_line, write_line

# The format allows 100 values of a metric in a line; with fewer a line stays below 4 KiB, which
# pipes pass on whole.
MOST_VALUES = 50

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
        metrics: dict[str, Metric] = dict(values)
        metrics.update({n: (unit, round(read(), 3)) for n, (unit, read) in self._gauges.items()})
        line = emf_line(self._namespace, self._dimensions, metrics)
        write_line(self._out or sys.stdout, line)

    def start(self, period_seconds: float) -> None:
        """Write a line each period, from a thread of its own."""

        def main() -> None:
            while not self._stop.wait(period_seconds):
                self.write()

        threading.Thread(target=main, name="metrics", daemon=True).start()

    def close(self) -> None:
        self._stop.set()
        self.write()
