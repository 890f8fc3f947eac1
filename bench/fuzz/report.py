"""Counts of what came back, and each distinct failure once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from bench.fuzz.answers import CLOSED, Fault, Outcome, shortened

LEAST_SHARE = 0.10


@dataclass(slots=True)
class Report:
    """Filled from one thread."""

    counts: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: dict[tuple[str, str, int], tuple[Fault, str, int]] = field(default_factory=dict)
    reached: int = 0
    slowest: Outcome | None = None

    @property
    def cases(self) -> int:
        return self.counts.total()

    @property
    def share(self) -> float:
        """Part of the cases in which an engine worked and succeeded, 0 to 1."""
        return self.reached / self.cases if self.cases else 0.0

    @property
    def passed(self) -> bool:
        return not self.failures and self.share >= LEAST_SHARE

    def add(self, outcome: Outcome) -> None:
        self.counts[outcome.endpoint, outcome.status] += 1
        self.reached += outcome.reached
        if self.slowest is None or outcome.seconds > self.slowest.seconds:
            self.slowest = outcome
        for fault in outcome.faults:
            key = (outcome.endpoint, fault.check, outcome.status)
            first, reproduction, times = self.failures.get(key, (fault, outcome.reproduction, 0))
            self.failures[key] = (first, reproduction, times + 1)

    def add_end(self, details: list[str]) -> None:
        """Faults of the servers themselves, seen when all is over."""
        for detail in details:
            self.failures[detail, "after the run", CLOSED] = (Fault("end", detail), "", 1)

    def text(self) -> str:
        """The whole report; the last line says what came of it."""
        return "\n".join([*self._table(), "", *self._failed(), self._last()])

    def _table(self) -> list[str]:
        endpoints = sorted({endpoint for endpoint, _ in self.counts})
        wide = max(map(len, endpoints), default=0)
        lines = []
        for endpoint in endpoints:
            statuses = sorted(status for at, status in self.counts if at == endpoint)
            parts = [
                f"{status or 'closed'} x {self.counts[endpoint, status]}" for status in statuses
            ]
            lines.append(f"{endpoint:<{wide}}  {', '.join(parts)}")
        if self.slowest is not None:
            lines.append(f"Slowest: {self.slowest.seconds:.1f} s, {self.slowest.endpoint}")
        return lines

    def _failed(self) -> list[str]:
        lines = []
        for (endpoint, check, status), (fault, reproduction, times) in self.failures.items():
            lines.append(f"FAILED {times} x: {endpoint}, {check}, {status or 'closed'}")
            lines.append(f"  {shortened(fault.detail)}")
            lines += [f"  {reproduction}"] if reproduction else []
        return lines

    def _last(self) -> str:
        low = "" if self.share >= LEAST_SHARE else f" At least {100 * LEAST_SHARE:.0f} % must."
        return (
            f"make fuzz: {self.cases} cases, {100 * self.share:.0f} % reached an engine, "
            f"{len(self.failures)} failures.{low}"
        )
