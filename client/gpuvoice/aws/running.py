"""What each slot runs, and the share of calls that it gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gpuvoice.aws.account import Account
from gpuvoice.aws.deployed import Deployed
from gpuvoice.aws.project import SLOTS

CONTAINER = "voice"
# Rules with a condition on a header are for who wants the idle slot; callers meet the others.
HEADER = "http-header"


@dataclass(frozen=True)
class Running:
    """One slot: image tag of its service's task definition, and how many tasks run."""

    tag: str
    tasks: int


def running(account: Account, deployed: Deployed) -> dict[str, Running]:
    """Each slot that the cluster has. Raises AwsFailed."""
    return {
        slot: Running(_tag(account, service["taskDefinition"]), int(service["runningCount"]))
        for slot, service in _services(account, deployed).items()
    }


def weights(account: Account, deployed: Deployed) -> dict[str, dict[str, int]]:
    """Share of calls of each slot, in percent, for each rule that callers meet, by its path.

    While a slot sleeps the power controller has rules of its own before these. Raises AwsFailed.
    """
    groups = {
        balancer["targetGroupArn"]: slot
        for slot, service in _services(account, deployed).items()
        for balancer in service.get("loadBalancers", [])
    }
    found: dict[str, dict[str, int]] = {}
    for rule in _rules(account, deployed):
        conditions = {each["Field"]: each for each in rule["Conditions"]}
        shares = _shares(rule, groups)
        if shares and HEADER not in conditions and "path-pattern" in conditions:
            found[conditions["path-pattern"]["PathPatternConfig"]["Values"][0]] = shares
    return found


def _services(account: Account, deployed: Deployed) -> dict[str, dict[str, Any]]:
    names = {deployed.of(slot, "Service"): slot for slot in SLOTS if deployed.of(slot, "Service")}
    answer = account.ask(
        "ecs",
        "describe_services",
        cluster=deployed.outputs.get("ClusterName", ""),
        services=list(names),
    )
    return {
        names[service["serviceName"]]: service
        for service in answer["services"]
        if service["serviceName"] in names
    }


def _tag(account: Account, definition: str) -> str:
    found = account.ask("ecs", "describe_task_definition", taskDefinition=definition)
    containers = found["taskDefinition"]["containerDefinitions"]
    image = next((each["image"] for each in containers if each["name"] == CONTAINER), "")
    return str(image).rpartition(":")[2]


def _rules(account: Account, deployed: Deployed) -> Iterator[dict[str, Any]]:
    name = deployed.outputs.get("LoadBalancerDns", "").lower()
    for page in account.pages("elbv2", "describe_load_balancers"):
        for balancer in page["LoadBalancers"]:
            if balancer["DNSName"].lower() == name:
                yield from _rules_of(account, balancer["LoadBalancerArn"])
                return


def _rules_of(account: Account, balancer: str) -> Iterator[dict[str, Any]]:
    for listeners in account.pages("elbv2", "describe_listeners", LoadBalancerArn=balancer):
        for listener in listeners["Listeners"]:
            arn = listener["ListenerArn"]
            for page in account.pages("elbv2", "describe_rules", ListenerArn=arn):
                yield from page["Rules"]


def _shares(rule: Mapping[str, Any], groups: Mapping[str, str]) -> dict[str, int]:
    """Percent by slot; {} for a rule that leads elsewhere."""
    for action in rule["Actions"]:
        targets = (action.get("ForwardConfig") or {}).get("TargetGroups") or []
        found = {
            groups[target["TargetGroupArn"]]: int(target.get("Weight", 1))
            for target in targets
            if target["TargetGroupArn"] in groups
        }
        total = sum(found.values())
        if total:
            return {slot: round(100 * weight / total) for slot, weight in found.items()}
    return {}
