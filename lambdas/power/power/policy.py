"""What the controller keeps to: limits and times, all by setting."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """Minutes, hours, US dollars and percent, as the names say."""

    idle_minutes: float = 15
    stale_minutes: float = 5
    hard_cap_hours: float = 12
    drain_minutes: float = 10
    start_deadline_minutes: float = 25
    usual_start_minutes: float = 6
    backoff_minutes: float = 15
    most_backoff_minutes: float = 240
    wish_minutes: float = 30
    # A Spot group without an instance for so long takes one on demand; 0 is never.
    spot_fallback_minutes: float = 0
    budget_usd: float = 0
    budget_batches_percent: float = 80
    budget_stop_percent: float = 100

    def backoff_seconds(self, failures: int) -> float:
        """How long after the n-th failed start in a row no plain wish starts another."""
        doubled = self.backoff_minutes * 2.0 ** min(max(failures - 1, 0), 20)
        return 60 * min(doubled, self.most_backoff_minutes)
