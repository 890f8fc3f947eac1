"""How long a call is kept waiting, and for what."""

from __future__ import annotations

import time

from gpuvoice.proxy.refused import Refused
from gpuvoice.proxy.settings import ProxySettings
from gpuvoice.proxy.sleeping import NotNow

# A call that ends the server's connection each time is not sent for ever.
MOST_BREAKS = 3
ADVICE = "Is the URL right, and the server running?"
LOST = "The call was sent {} times and lost each time, so it is not sent again."
TOO_LARGE = (
    "The request is too large for the load balancer there. Send fewer or shorter items at a time."
)


class Patience:
    """Of one call; `deadline_seconds` is the caller's own."""

    def __init__(self, settings: ProxySettings, deadline_seconds: float | None = None) -> None:
        self._settings = settings
        self._all = min(settings.patience_seconds, deadline_seconds or float("inf"))
        self._end = time.monotonic() + self._all
        self._gone_since: float | None = None
        self._breaks = 0
        self._too_large = False

    def seconds(self, reason: NotNow, *, reached: bool) -> float:
        """How long to wait before the next try; `reached`: somebody has answered there before.

        Raises Refused when that is not worth it any more.
        """
        now = time.monotonic()
        if reason.status == 413 and self._too_large:
            raise Refused(413, TOO_LARGE)
        self._too_large = self._too_large or reason.status == 413
        if reason.broken:
            self._breaks += 1
            if self._breaks >= MOST_BREAKS:
                raise reason.refused(502, f"{reason.sentence} {LOST.format(self._breaks)}")
        self._check_gone(reason, now, reached)
        wait = min(
            max(reason.seconds, self._settings.least_wait_seconds), self._settings.most_wait_seconds
        )
        if now + wait > self._end:
            waited = f"within {round(self._all / 60)} min" if self._all >= 60 else "yet"
            raise reason.refused(503, f"Not ready {waited}. {reason.sentence}")
        return wait

    def _check_gone(self, reason: NotNow, now: float, reached: bool) -> None:
        if not reason.gone:
            self._gone_since = None
            return
        if self._gone_since is None:
            self._gone_since = now
        settings = self._settings
        there = reached or reason.in_place
        most = settings.gone_seconds if there else settings.never_there_seconds
        if now - self._gone_since >= most:
            raise reason.refused(502, f"{reason.sentence} {ADVICE}")
