"""Auto Scaling: a group's instances are EC2's own, each side sees what is done on the other.

Each has the address of this machine, where the container host runs what is placed on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import autoscaling, ec2

from tests.emulator.extension import activities, purchase
from tests.emulator.extension.registry import Properties, handler, query, replace

GROUP = "AWS::AutoScaling::AutoScalingGroup"
ADDRESS = "127.0.0.1"
# The tag of a group for which AWS has no machine: "any", or "spot" when only Spot is sold out.
SOLD_OUT = "emulated:sold-out"
# The tag of an instance while it belongs to a group.
OF_GROUP = "aws:autoscaling:groupName"
Group = dict[str, Any]
# Called with an instance's id when it has ended.
when_ended: list[Callable[[str], None]] = []
_plain_terminate = ec2._terminate_instances
_plain_matches = ec2._matches_filters
_plain_set = autoscaling._set_desired_capacity
_plain_delete = autoscaling._delete_asg
_plain_describe = autoscaling._describe_asgs


def install() -> None:
    autoscaling._reconcile_instances = reconcile
    actions = autoscaling._ACTION_MAP
    actions["SetDesiredCapacity"] = autoscaling._set_desired_capacity = _set
    actions["DescribeAutoScalingGroups"] = autoscaling._describe_asgs = _describe
    actions["DeleteAutoScalingGroup"] = autoscaling._delete_asg = _delete
    actions["DescribeScalingActivities"] = activities.describe
    actions["DetachInstances"] = _detach
    ec2._ACTION_MAP["TerminateInstances"] = ec2._terminate_instances = _terminate
    ec2._matches_filters = _matches
    plain = handler(GROUP, "delete")

    def deleted(physical_id: str, properties: Properties) -> None:
        _end_all(physical_id)
        plain(physical_id, properties)

    replace(GROUP, delete=deleted)


def reconcile(group: Group) -> None:
    """Bring the group to its desired capacity: the newest goes first, those that ended are
    replaced."""
    members = group["Instances"]
    for member in [one for one in members if not _runs(one["InstanceId"])]:
        members.remove(member)
        activities.note(group, f"Terminating EC2 instance: {member['InstanceId']}")
    while len(members) > group["DesiredCapacity"]:
        instance = members.pop()["InstanceId"]
        activities.note(group, f"Terminating EC2 instance: {instance}")
        _end(instance)
    while len(members) < group["DesiredCapacity"]:
        if not _launch(group):
            return


def _launch(group: Group) -> bool:
    """Start one as the group's policy buys it; a failure is an activity, as on AWS."""
    kind, spot, template = purchase.choice(group)
    sold_out = next((tag["Value"] for tag in group["Tags"] if tag["Key"] == SOLD_OUT), "")
    if sold_out == "any" or (sold_out == "spot" and spot):
        activities.fail(group, kind, spot)
        return False
    (instance,) = ec2._launch_instances_internal(
        image_id=template.get("ImageId", "ami-1"),
        instance_type=kind,
        subnet_id=group["VPCZoneIdentifier"].partition(",")[0] or ec2._DEFAULT_SUBNET_ID,
        count=1,
        user_data=template.get("UserData", ""),
        requested_private_ip=ADDRESS,
    )
    identity = instance["InstanceId"]
    if spot:
        instance["InstanceLifecycle"] = "spot"
    own = [{"Key": OF_GROUP, "Value": group["AutoScalingGroupName"]}]
    handed = [tag for tag in group["Tags"] if tag.get("PropagateAtLaunch")]
    ec2._tags[identity] = own + [{"Key": tag["Key"], "Value": tag["Value"]} for tag in handed]
    group["Instances"].append(
        {
            "InstanceId": identity,
            "InstanceType": kind,
            "LifecycleState": "InService",
            "HealthStatus": "Healthy",
            "AvailabilityZone": instance["Placement"]["AvailabilityZone"],
            "ProtectedFromScaleIn": group["NewInstancesProtectedFromScaleIn"],
            "LaunchTemplate": group.get("LaunchTemplate") or {},
        }
    )
    activities.note(group, f"Launching a new EC2 instance: {identity}")
    return True


def _set(params: Mapping[str, Any]) -> Any:
    """The size that is asked for lies within the group's bounds."""
    group = autoscaling._asgs.get(autoscaling._p(params, "AutoScalingGroupName"))
    wanted = autoscaling._p(params, "DesiredCapacity")
    if group is not None and wanted != "":
        for bound, word, beyond in (
            ("MaxSize", "above max", int(wanted) > group["MaxSize"]),
            ("MinSize", "below min", int(wanted) < group["MinSize"]),
        ):
            if beyond:
                return autoscaling._error(
                    "ValidationError",
                    f"New SetDesiredCapacity value {wanted} is {word} value {group[bound]} for "
                    "the AutoScalingGroup.",
                )
    return _plain_set(params)


def _detach(params: Mapping[str, Any]) -> Any:
    """A detached instance runs on; without a decrement another takes its place."""
    group = autoscaling._asgs.get(autoscaling._p(params, "AutoScalingGroupName"))
    if group is None:
        return autoscaling._error("ValidationError", "AutoScalingGroup name not found - null")
    gone = autoscaling._parse_member_list(params, "InstanceIds")
    strangers = set(gone) - {one["InstanceId"] for one in group["Instances"]}
    if strangers:
        return autoscaling._error(
            "ValidationError",
            f"The instance {min(strangers)} is not part of Auto Scaling group "
            f"{group['AutoScalingGroupName']}.",
        )
    group["Instances"][:] = [one for one in group["Instances"] if one["InstanceId"] not in gone]
    if autoscaling._p(params, "ShouldDecrementDesiredCapacity") == "true":
        group["DesiredCapacity"] = max(group["DesiredCapacity"] - len(gone), group["MinSize"])
    for instance in gone:
        activities.note(group, f"Detaching EC2 instance: {instance}")
        ec2._tags[instance] = [tag for tag in ec2._tags[instance] if tag["Key"] != OF_GROUP]
    reconcile(group)
    return autoscaling._xml(200, "DetachInstancesResponse", "<DetachInstancesResult/>")


def _terminate(params: Mapping[str, Any]) -> Any:
    """What ran on an instance ends with it; a group that it belonged to starts another."""
    answered = _plain_terminate(params)
    ended = ec2._parse_member_list(params, "InstanceId") if answered[0] == 200 else []
    for instance in ended:
        for told in when_ended:
            told(instance)
    for group in list(autoscaling._asgs.values()):
        if {one["InstanceId"] for one in group["Instances"]} & set(ended):
            reconcile(group)
    return answered


def _delete(params: Mapping[str, Any]) -> Any:
    name = autoscaling._p(params, "AutoScalingGroupName")
    group = autoscaling._asgs.get(name)
    if group and group["Instances"] and autoscaling._p(params, "ForceDelete") != "true":
        return autoscaling._error(
            "ResourceInUse",
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot "
            "instance request(s) still in the group.",
        )
    _end_all(name)
    return _plain_delete(params)


def _describe(params: Mapping[str, Any]) -> Any:
    """A group that could not start an instance tries again; looking at it is the occasion here."""
    for group in list(autoscaling._asgs.values()):
        reconcile(group)
    return _plain_describe(params)


def _matches(instance: Mapping[str, Any], filters: Mapping[str, Any]) -> bool:
    """MiniStack looks at three filters, and takes any other for true."""
    wanted = filters.get("instance-id")
    return bool(_plain_matches(instance, filters)) and (
        wanted is None or instance["InstanceId"] in wanted
    )


def _runs(instance: str) -> bool:
    state = ec2._instances.get(instance, {}).get("State", {}).get("Name")
    return state in ("pending", "running")


def _end(instance: str) -> None:
    if _runs(instance):
        _terminate(query(InstanceId__1=instance))


def _end_all(name: str) -> None:
    group = autoscaling._asgs.get(name)
    for instance in [one["InstanceId"] for one in (group or {}).get("Instances", [])]:
        group["DesiredCapacity"] = 0
        _end(instance)
    activities.forget(name)
