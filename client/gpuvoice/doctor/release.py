"""Whether what is deployed is what the release file says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gpuvoice.aws.account import Account
from gpuvoice.aws.deployed import Deployed
from gpuvoice.aws.project import Project, Release
from gpuvoice.aws.running import Running, running, weights
from gpuvoice.doctor.finding import Finding, fail, ok, skipped, warn

CHECK = "release"


def check_release(
    account: Account, project: Project, deployed: Deployed | None
) -> Iterator[Finding]:
    if project.release is None or deployed is None:
        missing = "nothing is deployed" if deployed is None else "there is no config/release.yaml"
        yield skipped(CHECK, f"{missing} here to compare with")
        return
    slots, shares = running(account, deployed), weights(account, deployed)
    yield _told(project.release, slots, shares)
    apart = [
        *_active(project.release, deployed),
        *_tags(project.release, slots),
        *_weights(project.release, shares),
    ]
    for found in apart:
        yield fail(
            "drift",
            found,
            f"If the file is right: make diff, then make deploy ENV={project.environment}. If not: "
            "take the file back to what is deployed (git log config/release.yaml).",
        )
    if not apart:
        yield ok("drift", "none: the release file says what is deployed")
    yield from _record(project, shares)


def _told(
    release: Release, slots: Mapping[str, Running], shares: Mapping[str, Mapping[str, int]]
) -> Finding:
    each = [
        f"{slot} {one.tag}, {one.tasks} running" + (" (active)" if slot == release.active else "")
        for slot, one in slots.items()
    ]
    if not slots or not shares:
        return warn(
            CHECK,
            "; ".join(each) or "the cluster has no service of a slot",
            "Services or listener rules were deleted by hand: make diff, then make deploy.",
        )
    return ok(CHECK, "; ".join(each))


def _active(release: Release, deployed: Deployed) -> Iterator[str]:
    active = deployed.outputs.get("ActiveSlot", "")
    if active != release.active:
        yield f"{release.active} is active in the file, {active} in the deployed stack"


def _tags(release: Release, slots: Mapping[str, Running]) -> Iterator[str]:
    for slot, found in slots.items():
        if found.tag != release.tags[slot]:
            yield f"{slot} has {release.tags[slot]} in the file and runs {found.tag}"


def _weights(release: Release, shares: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    for path, found in shares.items():
        for slot in release.tags:
            if found.get(slot, 0) != release.weight(slot):
                yield (
                    f"{slot} gets {found.get(slot, 0)} % of the calls to {path}, "
                    f"{release.weight(slot)} % in the file"
                )


def _record(project: Project, shares: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    """The record in config/deployed, which guards the live slot."""
    record = project.record()
    live = {slot for found in shares.values() for slot, share in found.items() if share}
    if record is not None and live and set(record) != live:
        yield warn(
            "record",
            f"config/deployed says that {' and '.join(record)} is live; calls go to "
            f"{' and '.join(sorted(live))}",
            f"make diff ENV={project.environment} brings it in step; commit the file.",
        )
