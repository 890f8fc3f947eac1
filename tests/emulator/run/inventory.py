"""What exists after a deploy, and what is left after a destroy, as boto3 finds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from config.release import SLOTS
from stacks.names import SERVERS
from tests.emulator.run.power import counts
from tests.emulator.run.report import require
from tests.emulator.run.stage import Stage

STAYS = "CDKToolkit"
BOOTSTRAP = "cdk-hnb659fds"
ALARMS = 3


def check(stage: Stage) -> str:
    """Everything off, closed and wired. Gives a note on what was found."""
    outputs = stage.outputs()
    for slot in SLOTS:
        require(counts(stage, slot) == (0, 0), f"{slot} is not off: {counts(stage, slot)}.")
    groups = stage.client("autoscaling").describe_auto_scaling_groups(
        AutoScalingGroupNames=[outputs["BlueGroup"], outputs["GreenGroup"]]
    )["AutoScalingGroups"]
    sizes = {(group["MinSize"], group["MaxSize"]) for group in groups}
    require(len(groups) == 2 and sizes == {(0, 1)}, f"The groups have the sizes {sizes}.")
    secrets = stage.client("secretsmanager")
    keys = secrets.get_secret_value(SecretId=outputs["KeysSecretArn"])["SecretString"]
    require(keys == "{}", "There are keys before anybody made one.")
    service = secrets.describe_secret(SecretId=outputs["ServiceKeySecretArn"])
    require(service["RotationEnabled"], "The service key is not rotated.")
    _check_bucket(stage.client("s3"), outputs["ResultsBucket"])
    rules = _check_rules(stage)
    alarms = stage.client("cloudwatch").describe_alarms(
        AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    count = len(alarms["MetricAlarms"]) + len(alarms["CompositeAlarms"])
    require(count >= ALARMS, f"There are {count} alarms.")
    dashboards = stage.client("cloudwatch").list_dashboards()["DashboardEntries"]
    require(len(dashboards) == 1, f"There are {len(dashboards)} dashboards.")
    return f"two slots off, {rules} rules, {count} alarms, a dashboard, two secrets, a bucket"


def _check_bucket(s3: Any, bucket: str) -> None:
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    require(all(block.values()), "The results bucket could become public.")
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    require(any("Expiration" in rule for rule in rules), "Results are kept for ever.")
    require("SecureTransport" in s3.get_bucket_policy(Bucket=bucket)["Policy"], "TLS is optional.")


def _check_rules(stage: Stage) -> int:
    """Each server has a live and a staging rule, whose weights are each other's reverse."""
    elb = stage.client("elbv2")
    listeners = {each["Port"]: each for each in _listeners(elb)}
    require(set(listeners) == {80, 443}, f"There are listeners on {sorted(listeners)}.")
    found = elb.describe_rules(ListenerArn=listeners[443]["ListenerArn"])["Rules"]
    weighted = [
        sorted(group["Weight"] for group in action["ForwardConfig"]["TargetGroups"])
        for rule in found
        for action in rule["Actions"]
        if action["Type"] == "forward"
    ]
    require(weighted == [[0, 100]] * 2 * len(SERVERS), f"The weights are {weighted}.")
    return len(found)


def _listeners(elb: Any) -> Iterator[Any]:
    for balancer in elb.describe_load_balancers()["LoadBalancers"]:
        yield from elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]


KEPT = ("Retain", "RetainExceptOnCreate")


def retained(stage: Stage) -> set[str]:
    """Names of the resources that the templates keep when their stack is deleted."""
    cloudformation = stage.client("cloudformation")
    found: set[str] = set()
    for stack in cloudformation.describe_stacks()["Stacks"]:
        named = {"StackName": stack["StackName"]}
        if stack["StackName"] == STAYS:
            continue
        template = cloudformation.get_template(**named, TemplateStage="Original")["TemplateBody"]
        summaries = cloudformation.list_stack_resources(**named)["StackResourceSummaries"]
        found |= {
            summary["PhysicalResourceId"]
            for summary in summaries
            if template["Resources"][summary["LogicalResourceId"]].get("DeletionPolicy") in KEPT
        }
    return found


def nothing_left(stage: Stage, kept: set[str]) -> str:
    """Only what bootstrapping made is there, and what is kept on purpose. Gives a note."""
    stacks = {
        each["StackName"]
        for each in stage.client("cloudformation").list_stacks()["StackSummaries"]
        if each["StackStatus"] != "DELETE_COMPLETE"
    }
    require(stacks == {STAYS}, f"Stacks are left: {sorted(stacks - {STAYS})}.")
    everything = _everything(stage)
    left = {kind: sorted(names - kept) for kind, names in everything.items() if names - kept}
    require(not left, f"These are left: {left}.")
    return f"{len(everything)} kinds of resources looked for; kept on purpose: {sorted(kept)}"


def _everything(stage: Stage) -> dict[str, set[str]]:
    ecs, elb, ec2 = (stage.client(name) for name in ("ecs", "elbv2", "ec2"))
    alarms = stage.client("cloudwatch").describe_alarms(
        AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    return {
        "clusters": set(ecs.list_clusters()["clusterArns"]),
        "task definitions": set(ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"]),
        "balancers": _names(elb.describe_load_balancers()["LoadBalancers"], "LoadBalancerName"),
        "target groups": _names(elb.describe_target_groups()["TargetGroups"], "TargetGroupName"),
        "scaling groups": _names(
            stage.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"],
            "AutoScalingGroupName",
        ),
        "launch templates": _names(
            ec2.describe_launch_templates()["LaunchTemplates"], "LaunchTemplateName"
        ),
        "secrets": _names(stage.client("secretsmanager").list_secrets()["SecretList"], "Name"),
        "buckets": _names(stage.client("s3").list_buckets()["Buckets"], "Name"),
        "functions": _names(stage.client("lambda").list_functions()["Functions"], "FunctionName"),
        "alarms": _names(alarms["MetricAlarms"] + alarms["CompositeAlarms"], "AlarmName"),
        "topics": {topic["TopicArn"] for topic in stage.client("sns").list_topics()["Topics"]},
        "roles": _names(stage.client("iam").list_roles()["Roles"], "RoleName"),
        "repositories": _names(
            stage.client("ecr").describe_repositories()["repositories"], "repositoryName"
        ),
    }


def _names(found: list[dict[str, Any]], field: str) -> set[str]:
    return {each[field] for each in found if not each[field].startswith(BOOTSTRAP)}
