"""Whether this machine's clock is right: signatures, links and certificates depend on it."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from gpuvoice.doctor.asking import Answer
from gpuvoice.doctor.finding import Finding, ok, skipped, warn
from gpuvoice.doctor.servers import Seen

MOST_SECONDS = 60


def check_clock(both: tuple[Seen, Seen]) -> Finding:
    apart = next((a for a in (_apart(seen.health) for seen in both) if a is not None), None)
    if apart is None:
        return skipped("clock", "no server told its time")
    if abs(apart) <= MOST_SECONDS:
        return ok("clock", "agrees with the server's")
    side = "ahead of" if apart > 0 else "behind"
    return warn(
        "clock",
        f"{abs(apart):.0f} s {side} the server's",
        "Set it by the network: timedatectl set-ntp true (macOS: System Settings, Date & Time).",
    )


def _apart(answer: Answer) -> float | None:
    """Seconds by which this machine is ahead of the server's Date, which has whole seconds."""
    try:
        return answer.at - parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return None
