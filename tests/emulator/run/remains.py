"""What is left after a destroy, as boto3 finds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.emulator.emulator import Emulator
from tests.emulator.run.report import require

STAYS = "CDKToolkit"
KEPT = ("Retain", "RetainExceptOnCreate")
# kind: (service, operation, field of the answer, field of each; "" where each is a name itself)
KINDS = {
    "clusters": ("ecs", "list_clusters", "clusterArns", ""),
    "task definitions": ("ecs", "list_task_definitions", "taskDefinitionArns", ""),
    "capacity providers": ("ecs", "describe_capacity_providers", "capacityProviders", "name"),
    "balancers": ("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerName"),
    "target groups": ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupName"),
    "scaling groups": (
        "autoscaling",
        "describe_auto_scaling_groups",
        "AutoScalingGroups",
        "AutoScalingGroupName",
    ),
    "launch templates": (
        "ec2",
        "describe_launch_templates",
        "LaunchTemplates",
        "LaunchTemplateName",
    ),
    "VPCs": ("ec2", "describe_vpcs", "Vpcs", "VpcId"),
    "security groups": ("ec2", "describe_security_groups", "SecurityGroups", "GroupId"),
    "secrets": ("secretsmanager", "list_secrets", "SecretList", "Name"),
    "buckets": ("s3", "list_buckets", "Buckets", "Name"),
    "functions": ("lambda", "list_functions", "Functions", "FunctionName"),
    "log groups": ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    "dashboards": ("cloudwatch", "list_dashboards", "DashboardEntries", "DashboardName"),
    "alarms": ("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "composite alarms": ("cloudwatch", "describe_alarms", "CompositeAlarms", "AlarmName"),
    "topics": ("sns", "list_topics", "Topics", "TopicArn"),
    "roles": ("iam", "list_roles", "Roles", "RoleName"),
    "repositories": ("ecr", "describe_repositories", "repositories", "repositoryName"),
    "hosted zones": ("route53", "list_hosted_zones", "HostedZones", "Id"),
}
# AWS leaves composite alarms out unless they are asked for.
ASKED = {"composite alarms": {"AlarmTypes": ["CompositeAlarm"]}}


def retained(cloud: Emulator) -> set[str]:
    """Names of the resources that the templates keep when their stack is deleted."""
    cloudformation = cloud.client("cloudformation")
    found: set[str] = set()
    for stack in listed(cloudformation, "describe_stacks", "Stacks"):
        named = {"StackName": stack["StackName"]}
        if stack["StackName"] == STAYS:
            continue
        template = cloudformation.get_template(**named, TemplateStage="Original")["TemplateBody"]
        found |= {
            summary["PhysicalResourceId"]
            for summary in listed(
                cloudformation, "list_stack_resources", "StackResourceSummaries", **named
            )
            if template["Resources"][summary["LogicalResourceId"]].get("DeletionPolicy") in KEPT
        }
    return found


def nothing_left(cloud: Emulator, before: dict[str, set[str]], kept: set[str]) -> str:
    """Only what was there before is there, and what is kept on purpose. Gives a note."""
    now = everything(cloud)
    left = {kind: sorted(names - before[kind] - kept) for kind, names in now.items()}
    found = {kind: names for kind, names in left.items() if names}
    require(not found, f"These are left: {found}.")
    return f"{len(now)} kinds of resources looked for; kept on purpose: {sorted(kept)}"


def everything(cloud: Emulator) -> dict[str, set[str]]:
    """Names of all that exists, by kind."""
    found = {
        kind: {
            str(each[name] if name else each)
            for each in listed(cloud.client(service), operation, field, **ASKED.get(kind, {}))
        }
        for kind, (service, operation, field, name) in KINDS.items()
    }
    stacks = listed(cloud.client("cloudformation"), "list_stacks", "StackSummaries")
    found["stacks"] = {
        each["StackName"] for each in stacks if each["StackStatus"] != "DELETE_COMPLETE"
    }
    route53 = cloud.client("route53")
    found["DNS records"] = {
        f"{record['Name']} {record['Type']}"
        for zone in found["hosted zones"]
        for record in listed(
            route53, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone
        )
    }
    return found


def listed(client: Any, operation: str, field: str, **given: Any) -> Iterator[Any]:
    """This field of all pages of an answer."""
    if client.can_paginate(operation):
        for page in client.get_paginator(operation).paginate(**given):
            yield from page.get(field, [])
        return
    page = getattr(client, operation)(**given)
    yield from page[field]
    while token := page.get("nextToken"):
        page = getattr(client, operation)(**given, nextToken=token)
        yield from page[field]
