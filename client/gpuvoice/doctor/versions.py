"""Whether client, servers and slots fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from gpuvoice.doctor.finding import Finding, ok, skipped, warn
from gpuvoice.doctor.servers import Seen
from gpuvoice.version import __version__


def check_versions(both: tuple[Seen, Seen]) -> Iterator[Finding]:
    awake = [seen for seen in both if seen.answers]
    if not awake:
        yield skipped("versions", "no server answers")
        return
    yield _client(awake)
    if len(awake) == len(both):
        yield _same_release(both)


def _client(awake: list[Seen]) -> Finding:
    told = {seen.name: str(seen.told.get("version") or "unknown") for seen in awake}
    found = f"gpuvoice {__version__}; " + ", ".join(f"{n} server {v}" for n, v in told.items())
    if "unknown" in told.values():
        return warn(
            "versions", found, "A server that does not tell its version is another one or an older."
        )
    if len(set(told.values())) > 1:
        return warn(
            "versions", found, "Both servers come from one image: bring them to one version."
        )
    if _line(told[awake[0].name]) != _line(__version__):
        return warn(
            "versions",
            found,
            "Use a client of the servers' version: what the newer one knows the other refuses.",
        )
    return ok("versions", found)


def _same_release(both: tuple[Seen, Seen]) -> Finding:
    speech, recognition = (
        (str(seen.told.get("slot") or "none"), str(seen.told.get("release") or "none"))
        for seen in both
    )
    if speech == recognition:
        slot, release = speech
        if speech == ("none", "none"):
            return ok("slot and release", "none: servers outside the stack")
        return ok("slot and release", f"both servers: slot {slot}, release {release}")
    return warn(
        "slot and release",
        f"speech server: slot {speech[0]}, release {speech[1]}; recognition server: slot "
        f"{recognition[0]}, release {recognition[1]}",
        "While trial_percent sends some calls to the other slot this is so; else see "
        "`make diff ENV=...`.",
    )


def _line(version: str) -> list[str]:
    """Versions of one line understand each other: major and minor."""
    return version.split(".")[:2]
