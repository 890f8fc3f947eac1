"""Refuses a deploy that would change the slot that answers callers, unless it is forced.

What each slot was deployed with is kept in a record, `config/deployed/ENVIRONMENT.json`, which
`make deploy` takes from CloudFormation. A slot that is live, or is about to be, must be rendered as
in the record: a changed origin or memory limit replaces the running task as surely as a new image.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from config.release import SLOTS, SlotName, other
from config.settings import FOLDER

FORCE = "active-slot"
# What ends or replaces the running task when it changes, and what does not count: the desired count
# is 0 at the first deploy and left alone later.
GUARDED = {
    "AWS::ECS::TaskDefinition": (),
    "AWS::ECS::Service": ("DesiredCount",),
    "AWS::EC2::LaunchTemplate": (),
}

LIVE_RULE = ("AWS::ElasticLoadBalancingV2::ListenerRule", "RoutesLive")

Rendered = Mapping[str, Mapping[str, Any]]


class ActiveSlotChange(Exception):
    """The deploy would change a slot that callers depend on; the message says what and how else."""


def record_file(environment: str) -> Path:
    """Where the record is: in `GPUVOICE_RECORDS`, or in config/deployed."""
    folder = Path(os.environ.get("GPUVOICE_RECORDS", FOLDER / "deployed"))
    return folder / f"{environment}.json"


def read_record(environment: str) -> dict[str, Any] | None:
    """None before the first deploy."""
    file = record_file(environment)
    if not file.exists():
        return None
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def render(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What each slot is made of in a service stack's template: slot -> logical id -> resource.

    The logical ids of a slot's resources begin with its construct's name, Blue or Green.
    """
    found: dict[str, dict[str, Any]] = {slot: {} for slot in SLOTS}
    for logical_id, resource in template["Resources"].items():
        kind = resource["Type"]
        for slot in SLOTS:
            if kind in GUARDED and logical_id.startswith(slot.capitalize()):
                properties = {
                    name: value
                    for name, value in resource["Properties"].items()
                    if name not in GUARDED[kind]
                }
                found[slot][logical_id] = {"Type": kind, "Properties": properties}
    return found


def live_slots(template: Mapping[str, Any]) -> list[SlotName]:
    """The slots that a service stack's template sends callers to, the larger share first."""
    kind, name = LIVE_RULE
    weights: dict[SlotName, int] = {}
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == kind and logical_id.startswith(name):
            for group in resource["Properties"]["Actions"][0]["ForwardConfig"]["TargetGroups"]:
                for slot in SLOTS:
                    if group["TargetGroupArn"]["Ref"].startswith(slot.capitalize()):
                        weights[slot] = group["Weight"]
    live = [slot for slot in SLOTS if weights.get(slot)]
    return sorted(live, key=lambda slot: -weights[slot])


def write_record(environment: str, template: Mapping[str, Any]) -> Path:
    """Keep what is deployed; returns the file."""
    file = record_file(environment)
    file.parent.mkdir(parents=True, exist_ok=True)
    record = {"live": live_slots(template), "slots": render(template)}
    file.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return file


def check(environment: str, record: Mapping[str, Any] | None, template: Mapping[str, Any]) -> None:
    """Raise ActiveSlotChange when a slot that is live or becomes live differs from the record."""
    if record is None:
        return
    live, slots = record["live"], render(template)
    for slot in dict.fromkeys((*live, *live_slots(template))):
        changes = list(differences(record["slots"][slot], slots[slot]))
        if changes:
            raise ActiveSlotChange(_say(environment, slot, live, changes))


def differences(before: Rendered, after: Rendered) -> Iterator[str]:
    """Where two renderings differ, as `Type: path`."""
    for logical_id in sorted({*before, *after}):
        old, new = before.get(logical_id), after.get(logical_id)
        kind = str((old or new or {}).get("Type"))
        if old is None or new is None:
            yield f"{kind}: {'added' if old is None else 'removed'}"
            continue
        for path in _paths(old["Properties"], new["Properties"], ""):
            yield f"{kind}: {path}"


def _paths(old: object, new: object, path: str) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _paths(old.get(key), new.get(key), f"{path}.{key}".lstrip("."))
    elif isinstance(old, list) and isinstance(new, list):
        named = _by_name(old), _by_name(new)
        if named[0] is not None and named[1] is not None:
            yield from _paths(named[0], named[1], path)
        elif len(old) == len(new):
            for index, pair in enumerate(zip(old, new, strict=True)):
                yield from _paths(*pair, f"{path}[{index}]")
        else:
            yield path
    else:
        yield path


def _by_name(entries: list[Any]) -> dict[str, Any] | None:
    if all(isinstance(entry, dict) and set(entry) == {"Name", "Value"} for entry in entries):
        return {entry["Name"]: entry["Value"] for entry in entries}
    return None


def _say(environment: str, slot: SlotName, live: list[SlotName], changes: list[str]) -> str:
    shown = "\n".join(f"  {change}" for change in changes)
    force = (
        f"make diff ENV={environment} FORCE=yes shows it, make deploy ENV={environment} FORCE=yes "
        f"does it (cdk: -c force={FORCE})"
    )
    if slot not in live:
        return (
            f"callers would be sent to {slot} and it would change at the same moment:\n{shown}\n"
            f"Deploy these changes to {slot} first, try it, then send callers there. To do both "
            f"at once: {force}."
        )
    idle = other(slot)
    return (
        f"{slot} answers callers in {environment}, and this would replace what runs there:\n"
        f"{shown}\n"
        f"Put the change on {idle} first (make release, or slots.{idle}.settings in "
        f"config/release.yaml), deploy, try it, then make swap. Settings outside `capacity` and "
        f"`servers` belong to both slots. To change {slot} anyway: {force}."
    )
