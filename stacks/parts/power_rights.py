"""What the power controller may do: each action named, each resource as narrow as AWS allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from stacks.names import OWNER_TAG
from stacks.parts.slot import Slot
from stacks.reasons import accept, accept_resource

EVERYTHING = ["*"]


def slot_rights(
    stack: cdk.Stack, cluster: ecs.ICluster, slots: Mapping[str, Slot]
) -> list[iam.PolicyStatement]:
    """Counts of the two slots, and what runs in their cluster."""
    in_cluster = {"ArnEquals": {"ecs:cluster": cluster.cluster_arn}}
    instances, tasks = cluster_arns(stack, cluster)
    groups = [slot.capacity.group.auto_scaling_group_arn for slot in slots.values()]
    return [
        _allow(
            ["ecs:DescribeServices", "ecs:UpdateService"],
            [slot.service.service_arn for slot in slots.values()],
        ),
        _allow(["ecs:ListContainerInstances"], [cluster.cluster_arn]),
        _allow(
            ["ecs:DescribeContainerInstances", "ecs:UpdateContainerInstancesState"],
            [instances],
            in_cluster,
        ),
        _allow(["ecs:DescribeTasks"], [tasks], in_cluster),
        _allow(["ecs:ListTasks"], EVERYTHING, in_cluster),
        _allow(["autoscaling:SetDesiredCapacity"], groups),
    ]


def cluster_arns(stack: cdk.Stack, cluster: ecs.ICluster) -> tuple[str, str]:
    """ARNs of all container instances and all tasks of the cluster."""
    inside = f"{cluster.cluster_name}/*"
    instances, tasks = (
        stack.format_arn(service="ecs", resource=kind, resource_name=inside)
        for kind in ("container-instance", "task")
    )
    return instances, tasks


def spot_rights(
    stack: cdk.Stack, environment: str, slots: Sequence[Slot]
) -> list[iam.PolicyStatement]:
    """For slots that buy Spot: a reclaimed instance leaves its group and is ended, and the next one
    may be bought on demand. AWS asks whoever changes how a group buys for the rights to run what
    its launch template says."""
    if not slots:
        return []
    instances = stack.format_arn(service="ec2", resource="instance", resource_name="*")
    tags = {
        "aws:ResourceTag/project": "gpu-voice",
        "aws:ResourceTag/environment": environment,
    }
    templates = [
        stack.format_arn(
            service="ec2",
            resource="launch-template",
            resource_name=slot.capacity.launch_template.launch_template_id,
        )
        for slot in slots
    ]
    return [
        _allow(["ec2:TerminateInstances"], [instances], {"StringEquals": tags}),
        _allow(
            ["autoscaling:DetachInstances", "autoscaling:UpdateAutoScalingGroup"],
            [slot.capacity.group.auto_scaling_group_arn for slot in slots],
        ),
        _allow(["ec2:RunInstances"], EVERYTHING, {"ArnEquals": {"ec2:LaunchTemplate": templates}}),
        _allow(
            ["iam:PassRole"],
            [slot.capacity.role.role_arn for slot in slots],
            {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        ),
    ]


def looking_rights() -> list[iam.PolicyStatement]:
    """AWS narrows no description."""
    return [
        _allow(
            [
                "autoscaling:DescribeAutoScalingGroups",
                "cloudwatch:GetMetricData",
                "ec2:DescribeInstances",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTags",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
            EVERYTHING,
        ),
    ]


def rule_rights(
    stack: cdk.Stack, listener: elbv2.IApplicationListener, balancer: str, owner: str
) -> list[iam.PolicyStatement]:
    """Rules of its own, known by their tag: it can touch none of the template's."""
    rules = balancer_rules(stack, balancer)
    asked = {"StringEquals": {f"aws:RequestTag/{OWNER_TAG}": owner}}
    held = {"StringEquals": {f"aws:ResourceTag/{OWNER_TAG}": owner}}
    made = {
        "StringEquals": {
            f"aws:RequestTag/{OWNER_TAG}": owner,
            "elasticloadbalancing:CreateAction": "CreateRule",
        }
    }
    return [
        _allow(["elasticloadbalancing:CreateRule"], [listener.listener_arn], asked),
        _allow(["elasticloadbalancing:AddTags"], [rules], made),
        _allow(
            ["elasticloadbalancing:DeleteRule", "elasticloadbalancing:ModifyRule"], [rules], held
        ),
    ]


def balancer_rules(stack: cdk.Stack, balancer: str) -> str:
    """ARN of all rules of the load balancer with this full name."""
    return stack.format_arn(
        service="elasticloadbalancing", resource="listener-rule", resource_name=f"{balancer}/*"
    )


def _allow(
    actions: Sequence[str],
    resources: Sequence[str],
    conditions: Mapping[str, Mapping[str, object]] | None = None,
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=list(actions), resources=list(resources), conditions=dict(conditions or {})
    )


def accept_rights(
    function: lambda_.Function,
    cluster: ecs.ICluster,
    slots: Mapping[str, Slot],
    balancer: str,
) -> None:
    """Why the security pack's findings on the wildcards above stand."""
    if function.role is None:
        return
    stack = cdk.Stack.of(function)
    accept(
        function.role,
        "AWS describes and lists without a narrower resource; lists of tasks name the cluster.",
        "AwsSolutions-IAM5[Resource::*]",
    )
    instance = stack.format_arn(service="ec2", resource="instance", resource_name="*")
    for resource, reason in (
        (instance, "Ids are AWS's; the tags of this environment are asked for."),
        (balancer_rules(stack, balancer), "Ids are AWS's; the tag of the controller is asked for."),
        *((arn, "Ids are AWS's; the cluster is named.") for arn in cluster_arns(stack, cluster)),
        *(
            (slot.capacity.group.auto_scaling_group_arn, "Its ARN has an id of AWS's in it.")
            for slot in slots.values()
        ),
    ):
        accept_resource(function.role, reason, resource)
