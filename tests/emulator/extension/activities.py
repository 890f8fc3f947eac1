"""Auto Scaling: what a group did, newest first, as DescribeScalingActivities tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from ministack.core.responses import AccountRegionScopedDict, new_uuid, now_iso
from ministack.services import autoscaling

Group = Mapping[str, Any]
_known = AccountRegionScopedDict()  # group name -> activities


def note(group: Group, what: str, status: str = "Successful", **more: str) -> None:
    name, now = group["AutoScalingGroupName"], now_iso()
    activity = {
        "ActivityId": new_uuid(),
        "AutoScalingGroupName": name,
        "Description": what,
        "Cause": f"At {now} the group was brought to its desired capacity.",
        "StartTime": now,
        "EndTime": now,
        "StatusCode": status,
        "Progress": "100",
        "AutoScalingGroupARN": group["AutoScalingGroupARN"],
        **more,
    }
    _known[name] = [activity, *_known.get(name, [])]


def fail(group: Group, kind: str, spot: bool) -> None:
    """No machine could be bought. One activity for a row of failures: the real group tries every
    few minutes only."""
    bought = "Spot" if spot else "On-Demand"
    reason = (
        f"Could not launch {bought} Instances. InsufficientInstanceCapacity - We currently do not "
        f"have sufficient {kind} capacity. Launching EC2 instance failed."
    )
    known = _known.get(group["AutoScalingGroupName"]) or [{}]
    if known[0].get("StatusMessage") != reason:
        note(group, "Launching a new EC2 instance.", "Failed", StatusMessage=reason)


def forget(name: str) -> None:
    _known.pop(name, None)


def describe(params: Mapping[str, Any]) -> Any:
    name = autoscaling._p(params, "AutoScalingGroupName")
    found = [one for each in ([name] if name else list(_known)) for one in _known.get(each, [])]
    members = "".join(
        "<member>"
        + "".join(f"<{key}>{escape(value)}</{key}>" for key, value in one.items())
        + "</member>"
        for one in found[: int(autoscaling._p(params, "MaxRecords") or 100)]
    )
    return autoscaling._xml(
        200,
        "DescribeScalingActivitiesResponse",
        f"<DescribeScalingActivitiesResult><Activities>{members}</Activities>"
        "</DescribeScalingActivitiesResult>",
    )
