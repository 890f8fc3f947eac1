"""What `make swap` asks first: that the slot passed as it is deployed now."""

from __future__ import annotations

from typing import Any

from config.release import load_release
from operate.cloud import Cloud
from operate.failures import CommandError
from operate.verify.candidate import Candidate, active_slot, candidate
from operate.verify.reports import Reports


def check_verified(environment: str) -> str:
    """A sentence on what a swap rests on. Raises CommandError when it must not be made."""
    release = load_release(environment)
    slot, cloud = release.idle, Cloud(environment)
    try:
        deployed = cloud.deployed()
    except CommandError as error:
        raise CommandError(
            f"whether {slot} was verified cannot be looked up: {error} Or FORCE=yes."
        ) from None
    if deployed is None:
        return f"{environment} is not deployed here, so no verification was asked for."
    if slot == active_slot(deployed):
        return f"{slot} answers callers now; nothing is to be verified."
    return _passed(environment, candidate(cloud, deployed, slot), release.slots[slot].tag,
                   Reports(cloud, deployed))  # fmt: skip


def _passed(environment: str, slot: Candidate, tag: str, reports: Reports) -> str:
    again = f"make verify-slot ENV={environment}, or FORCE=yes"
    if slot.tag != tag:
        raise CommandError(
            f"{slot.slot} is deployed with {slot.tag}, and the release file gives it {tag}. Make "
            f"deploy ENV={environment} first, then {again}."
        )
    report: Any = reports.newest(slot)
    if report is None:
        raise CommandError(
            f"{slot.slot} with {tag} was not verified as it is deployed now: {again}."
        )
    if report["passed"] is not True:
        names = "; ".join(each["name"] for each in report["checks"] if not each["passed"])
        raise CommandError(
            f"{slot.slot} with {tag} failed its verification of {report['at']} ({names}): {again}."
        )
    return f"{slot.slot} with {tag} was verified at {report['at']}."
