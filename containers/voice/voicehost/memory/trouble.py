"""What goes wrong with the place where the store is, and how long it is then left alone."""

from __future__ import annotations

import logging
import time

from voicehost.errors import KeepingFailed
from voicehost.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

REST_SECONDS = 30.0
LOG_SECONDS = 60.0


class Trouble:
    """Counted each time, logged once a minute. Thread-safe as far as it matters."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._rest_until = 0.0
        self._log_after = 0.0

    @property
    def resting(self) -> bool:
        """Whether the place failed a moment ago, so that it is not asked."""
        return time.monotonic() < self._rest_until

    def rest(self, error: BaseException) -> None:
        """The place failed."""
        if not self.resting:
            self._rest_until = time.monotonic() + REST_SECONDS
            cause = error.__cause__ if isinstance(error, KeepingFailed) else None
            self.note(type(cause or error).__name__)

    def note(self, reason: str) -> None:
        """Something else went wrong that no caller may feel."""
        self._metrics.add("StoreFailures", 1, "Count")
        now = time.monotonic()
        if now >= self._log_after:
            self._log_after = now + LOG_SECONDS
            log.warning("the audio store fails", extra={"reason": reason})
