"""The listener's rules: the template's weights, and the controller's own rules.

Its own stand where the template leaves room: for the header's callers before the template's rules
of that header (100), for all others between those and the live rules (200). They carry a tag; IAM
lets the controller touch no rule without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from power.aws.clients import asked, client
from power.ports import SleepRule, Unreachable
from power.settings import PowerSettings

OWNER_TAG = "gpu-voice:owner"
SLOT_HEADER = "X-Voice-Slot"
LIVE_PRIORITY = "200"
SERVERS = ("tts", "whisperx")
PATHS = [path for server in SERVERS for path in (f"/{server}", f"/{server}/*")]
# (audience, server) of each priority of ours.
OURS: Mapping[str, tuple[str, str | None]] = {
    "90": ("idle", None),
    "150": ("live", None),
    "151": ("live", "tts"),
    "152": ("live", "whisperx"),
}
ELSEWHERE = "elsewhere"


class ListenerRules:
    def __init__(self, settings: PowerSettings) -> None:
        self._listener = settings.listener
        self._sleep_group = settings.sleep_group
        self._owner = f"power-{settings.environment}"
        self._groups = {
            arn: (slot, server)
            for slot, names in settings.slots.items()
            for server, arn in names.groups.items()
        }

    def weights(self) -> dict[str, int]:
        """Of each slot in the template's live rule; Unreachable where there is none."""
        for rule in self._rules():
            if rule["Priority"] == LIVE_PRIORITY:
                groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
                if any(group["TargetGroupArn"] not in self._groups for group in groups):
                    raise Unreachable(
                        "the live rule leads to target groups of before or after this deploy: "
                        "cdk deploy the Power stack with --force"
                    )
                return {
                    self._groups[group["TargetGroupArn"]][0]: int(group["Weight"])
                    for group in groups
                }
        raise Unreachable("the listener has no rule for the live slots")

    def standing(self) -> set[SleepRule]:
        return {self._described(rule) for rule in self._own()}

    def put(self, rule: SleepRule) -> None:
        """Make the rule, or put it in the place of another one of ours at its priority."""
        priority = _priority(rule)
        given = {"Conditions": _conditions(rule), "Actions": self._actions(rule)}
        with asked("making a listener rule"):
            try:
                client("elbv2").create_rule(
                    ListenerArn=self._listener,
                    Priority=int(priority),
                    Tags=[{"Key": OWNER_TAG, "Value": self._owner}],
                    **given,
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != "PriorityInUse":
                    raise
                for found in self._own():
                    if found["Priority"] == priority:
                        client("elbv2").modify_rule(RuleArn=found["RuleArn"], **given)
                        return
                raise

    def drop(self, rule: SleepRule) -> None:
        for found in self._own():
            if self._described(found) == rule:
                self._delete(found["RuleArn"])

    def drop_all(self) -> None:
        """Every rule with our tag, wherever it stands."""
        for found in self._own():
            self._delete(found["RuleArn"])

    def _delete(self, arn: str) -> None:
        with asked("deleting a listener rule"):
            try:
                client("elbv2").delete_rule(RuleArn=arn)
            except ClientError as error:
                if not _is_gone(error):
                    raise

    def _rules(self) -> Iterator[Any]:
        with asked("reading the listener's rules"):
            pages = client("elbv2").get_paginator("describe_rules")
            for page in pages.paginate(ListenerArn=self._listener):
                yield from page["Rules"]

    def _own(self) -> list[Any]:
        near = [rule for rule in self._rules() if rule["Priority"] in OURS]
        return [rule for rule in near if self._is_own(rule["RuleArn"])]

    def _is_own(self, arn: str) -> bool:
        """Whether it has our tag; one that another invocation dropped meanwhile has none."""
        with asked("reading the tags of a rule"):
            try:
                found = client("elbv2").describe_tags(ResourceArns=[arn])["TagDescriptions"]
            except ClientError as error:
                if not _is_gone(error):
                    raise
                return False
        return {"Key": OWNER_TAG, "Value": self._owner} in found[0]["Tags"]

    def _described(self, rule: Any) -> SleepRule:
        audience, server = OURS[rule["Priority"]]
        target = rule["Actions"][0].get("TargetGroupArn")
        if target == self._sleep_group:
            return SleepRule(audience, server)
        slot, _ = self._groups.get(target, (ELSEWHERE, ""))
        return SleepRule(audience, server, to=slot)

    def _actions(self, rule: SleepRule) -> list[dict[str, str]]:
        target = self._sleep_group
        if rule.to != "front":
            target = next(
                arn for arn, name in self._groups.items() if name == (rule.to, rule.server)
            )
        return [{"Type": "forward", "TargetGroupArn": target}]


def _is_gone(error: ClientError) -> bool:
    return bool(error.response["Error"]["Code"] == "RuleNotFound")


def _priority(rule: SleepRule) -> str:
    return next(p for p, key in OURS.items() if key == (rule.audience, rule.server))


def _conditions(rule: SleepRule) -> list[dict[str, Any]]:
    paths = [f"/{rule.server}", f"/{rule.server}/*"] if rule.server else PATHS
    found: list[dict[str, Any]] = [
        {"Field": "path-pattern", "PathPatternConfig": {"Values": paths}}
    ]
    if rule.audience == "idle":
        header = {"HttpHeaderName": SLOT_HEADER, "Values": ["idle"]}
        found.append({"Field": "http-header", "HttpHeaderConfig": header})
    return found
