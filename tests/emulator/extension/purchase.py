"""Auto Scaling: what a group buys: its launch template, or a policy of several types and Spot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from ministack.services import autoscaling, ec2
from ministack.services.cloudformation import provisioners

Group = dict[str, Any]
PERCENT, BASE = "OnDemandPercentageAboveBaseCapacity", "OnDemandBaseCapacity"
_plain_fields = provisioners._asg_fields
_plain_member = autoscaling._instance_member_xml
_plain_instance = ec2._instance_xml
_plain_attribute = ec2._describe_instance_attribute


def install() -> None:
    provisioners._asg_fields = _fields
    autoscaling._instance_member_xml = _member
    ec2._instance_xml = _instance
    ec2._ACTION_MAP["DescribeInstanceAttribute"] = _attribute
    actions = autoscaling._ACTION_MAP
    for name in ("CreateAutoScalingGroup", "UpdateAutoScalingGroup"):
        actions[name] = _with_policy(actions[name])
    actions["DescribeAutoScalingGroups"] = _described(actions["DescribeAutoScalingGroups"])


def choice(group: Group) -> tuple[str, bool, Mapping[str, Any]]:
    """For the group's next instance: (type, whether it is Spot, the launch template's data)."""
    policy = group.get("MixedInstancesPolicy") or {}
    mixed = policy.get("LaunchTemplate") or {}
    given = mixed.get("LaunchTemplateSpecification") or group.get("LaunchTemplate") or {}
    template = _template(given)
    kinds = [one["InstanceType"] for one in mixed.get("Overrides") or [] if "InstanceType" in one]
    distribution = policy.get("InstancesDistribution") or {}
    owned = len(group["Instances"]) < int(distribution.get(BASE) or 0)
    spot = bool(policy) and not owned and int(distribution.get(PERCENT, 100)) == 0
    return (kinds or [template.get("InstanceType", "t3.micro")])[0], spot, template


def _template(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data of the version that is named; nothing when there is no such template."""
    identity, name = given.get("LaunchTemplateId"), given.get("LaunchTemplateName")
    found = next(
        (
            one
            for one in ec2._launch_templates.values()
            if identity == one["LaunchTemplateId"] or name == one["LaunchTemplateName"]
        ),
        None,
    )
    if found is None:
        return {}
    latest = {"$Default": found["DefaultVersionNumber"], "$Latest": found["LatestVersionNumber"]}
    wanted = str(latest.get(given.get("Version") or "$Default", given.get("Version")))
    versions = {str(one["VersionNumber"]): one for one in found["Versions"]}
    data: Mapping[str, Any] = versions.get(wanted, found["Versions"][0])["LaunchTemplateData"]
    return data


def _fields(properties: Mapping[str, Any]) -> dict[str, Any]:
    """MiniStack drops the policy of a template's group."""
    fields: dict[str, Any] = _plain_fields(properties)
    fields["MixedInstancesPolicy"] = dict(properties.get("MixedInstancesPolicy") or {})
    return fields


def _with_policy(plain: Any) -> Any:
    def called(params: Mapping[str, Any]) -> Any:
        """What is not named stays as it was; a launch template ends a policy, and the reverse."""
        group = autoscaling._asgs.get(autoscaling._p(params, "AutoScalingGroupName"))
        given = autoscaling._parse_nested(params, "MixedInstancesPolicy")
        if given and group is not None:
            old = group.get("MixedInstancesPolicy") or {}
            group["MixedInstancesPolicy"] = {**old, **given}
            group["LaunchTemplate"] = {}
        answered = plain(params)
        made = autoscaling._asgs.get(autoscaling._p(params, "AutoScalingGroupName"))
        if given and group is None and made is not None:
            made["MixedInstancesPolicy"] = given
        return answered

    return called


def _described(plain: Any) -> Any:
    def called(params: Mapping[str, Any]) -> Any:
        status, headers, body = plain(params)
        text = body.decode()
        for name, group in autoscaling._asgs.items():
            policy = group.get("MixedInstancesPolicy")
            if policy:
                own = f"<AutoScalingGroupName>{name}</AutoScalingGroupName><AutoScalingGroupARN>"
                told = f"<MixedInstancesPolicy>{_xml(policy)}</MixedInstancesPolicy>"
                text = text.replace(own, told + own)
        return status, headers, text.encode()

    return called


def _member(instance: Mapping[str, Any], *rest: Any, **named: Any) -> str:
    plain: str = _plain_member(instance, *rest, **named)
    kind = f"<InstanceType>{instance.get('InstanceType', '')}</InstanceType>"
    return re.sub("<AvailabilityZone>", kind + "<AvailabilityZone>", plain, count=1)


def _instance(instance: Mapping[str, Any]) -> str:
    """DescribeInstances says of a Spot instance that it is one."""
    plain: str = _plain_instance(instance)
    if "InstanceLifecycle" not in instance:
        return plain
    bought = f"<instanceLifecycle>{instance['InstanceLifecycle']}</instanceLifecycle>"
    return plain.replace("<placement>", bought + "<placement>", 1)


def _attribute(params: Mapping[str, Any]) -> Any:
    """The user data that an instance was started with; MiniStack tells of none."""
    status, headers, body = _plain_attribute(params)
    data = ec2._instances.get(ec2._p(params, "InstanceId"), {}).get("UserData", "")
    told = f"<userData><value>{escape(data)}</value></userData>".encode()
    return status, headers, body.replace(b"<userData/>", told)


def _xml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(f"<{key}>{_xml(part)}</{key}>" for key, part in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{_xml(part)}</member>" for part in value)
    return escape(str(value))
