"""`make verify-slot`: start the idle slot, measure, judge, keep the report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from config.release import other
from operate.cloud import Cloud, Deployed
from operate.failures import CommandError
from operate.verify.candidate import UNKNOWN, Candidate, active_slot, candidate
from operate.verify.door import SlotDoor
from operate.verify.golden_set import golden_set
from operate.verify.limits import Check, judge
from operate.verify.measuring import measure
from operate.verify.reports import Report, Reports
from operate.verify.starting import wait_until_ready
from operate.verify.vram import vram_percent

MINUTES = 40.0


def verify(environment: str, *, minutes: float = MINUTES, url: str | None = None) -> str:
    """Send the golden set through the idle slot. Raises CommandError when a limit is not kept."""
    cloud = Cloud(environment)
    deployed = cloud.require()
    active = active_slot(deployed)
    slot = candidate(cloud, deployed, other(active))
    reports = Reports(cloud, deployed)
    door = SlotDoor(url or deployed.outputs["Url"], _service_key(cloud, deployed), slot.slot)
    wait_until_ready(door, minutes)
    _check_release(door, slot)
    golden = golden_set()
    before = _record(reports, candidate(cloud, deployed, active), golden.version)
    since = datetime.now(UTC)
    figures = measure(door, golden)
    figures["vram_percent"] = vram_percent(cloud, slot, since)
    if candidate(cloud, cloud.require(), slot.slot) != slot:
        raise CommandError(f"{slot.slot} was deployed anew meanwhile. Try again.")
    checks = judge(figures, before.get("figures", {}), gpu=slot.gpu)
    report = {
        "environment": environment,
        "at": since.isoformat(),
        "passed": all(check.passed for check in checks),
        "slot": slot.slot,
        "tag": slot.tag,
        "digest": slot.digest,
        "image": slot.image,
        "task": slot.task,
        "gpu": slot.gpu,
        "golden": golden.version,
        "compared_with": before.get("tag"),
        "figures": figures,
        "checks": [asdict(check) for check in checks],
    }
    _print(slot, before, checks)
    place = reports.keep(slot, report)
    failed = [check for check in checks if not check.passed]
    if failed:
        names = "; ".join(f"{each.name} {each.shown}, {each.limit}" for each in failed)
        raise CommandError(f"{slot.slot} with {slot.tag} failed: {names}. The report is {place}.")
    return (
        f"{slot.slot} with {slot.tag} passed {len(checks)} checks in {environment}; the report is "
        f"{place}. Next: make swap ENV={environment}."
    )


def _service_key(cloud: Cloud, deployed: Deployed) -> str:
    secret = cloud.client("secretsmanager").get_secret_value(
        SecretId=deployed.outputs["ServiceKeySecretArn"]
    )
    try:
        return str(json.loads(secret["SecretString"])["key"])
    except (ValueError, KeyError, TypeError):
        raise CommandError(
            "the secret of the service key holds no key: rotate it "
            "(aws secretsmanager rotate-secret)."
        ) from None


def _check_release(door: SlotDoor, slot: Candidate) -> None:
    """Raise CommandError while a task of an earlier deploy runs in the slot."""
    for server in ("tts", "whisperx"):
        runs = door.get(f"/{server}/health").body.get("release")
        if runs != slot.tag:
            raise CommandError(
                f"{slot.slot} runs {runs}, and {slot.tag} is deployed. Wait until its task is "
                "replaced, or stop and start the slot, then try again."
            )


def _record(reports: Reports, active: Candidate, golden: str) -> Report:
    """What the active slot passed with the same golden set; empty without."""
    found = reports.record(active.task)
    return found if found is not None and found.get("golden") == golden else {}


def _print(slot: Candidate, before: Report, checks: Sequence[Check]) -> None:
    bound = (
        "its repository tells no digest, so the report holds for the tag"
        if slot.digest == UNKNOWN
        else slot.digest
    )
    against = (
        f"Compared with {before['tag']} of {before['at']}."
        if before
        else "The active slot has no record: absolute limits only."
    )
    memory = "" if slot.gpu else " Its engines use no GPU: none of its memory is judged."
    print(f"{slot.slot} with {slot.tag} ({bound}). {against}{memory}")
    for check in checks:
        kept = "ok    " if check.passed else "FAILED"
        print(f"{kept}  {check.name:52} {check.shown:>22}   {check.limit}")
