"""When to try again, and how it is told to whoever waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

# The longest wait between two tries, in seconds: a state may change sooner than was foretold.
LONGEST_SECONDS = 30.0
SHORTEST_SECONDS = 0.2
USUAL_SECONDS = 5.0
# While the GPU is in one of these states no waiting call wakes it.
FINAL = ("quiet", "budget", "backoff")


@dataclass(frozen=True)
class Waiting:
    """A wait of `seconds` before the next try, because of a server's `state` (or "") and why."""

    seconds: float
    state: str
    sentence: str
    eta_seconds: float | None = None


OnWait = Callable[[Waiting], None]


def waiting_for(answer: Mapping[str, Any], retry_after: str | None) -> Waiting:
    """From the body of a 429 or 503 and its `Retry-After`."""
    seconds = retry_seconds(retry_after if retry_after is not None else answer.get("retry_after"))
    eta = answer.get("eta_seconds")
    return Waiting(
        min(seconds, LONGEST_SECONDS),
        str(answer.get("state") or ""),
        str(answer.get("error") or "The server is busy."),
        float(eta) if isinstance(eta, (int, float)) else None,
    )


def retry_seconds(value: object) -> float:
    """Seconds by a `Retry-After`: a number, a date (RFC 9110, 10.2.3), or the usual wait."""
    text = str(value or "").strip()
    if text.replace(".", "", 1).isdecimal():
        return max(float(text), SHORTEST_SECONDS)
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return USUAL_SECONDS
    if at.tzinfo is None:
        at = at.replace(tzinfo=timezone.utc)
    return max((at - datetime.now(timezone.utc)).total_seconds(), SHORTEST_SECONDS)
