"""A CloudFormation stack as the contract tests use it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from tests.emulator.emulator import Emulator
from tests.patience import until

Resource = Mapping[str, Any]


class StackFailed(Exception):
    """A stack did not reach the state that it was sent to; the reasons are the message."""


class Stack:
    """A CloudFormation stack by its name; `outputs` as the last change left them."""

    def __init__(self, emulator: Emulator, name: str) -> None:
        self._api = emulator.client("cloudformation")
        self.name = name

    def put(self, resources: Mapping[str, Resource], **outputs: Any) -> dict[str, str]:
        """Create or update it to hold these resources. Gives the outputs' values."""
        template = {
            "Resources": resources,
            "Outputs": {key: {"Value": value} for key, value in outputs.items()},
        }
        call = self._api.update_stack if self._exists() else self._api.create_stack
        call(
            StackName=self.name,
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        status = self._settle()
        if status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise StackFailed("; ".join(self.reasons()) or status)
        found = self._api.describe_stacks(StackName=self.name)["Stacks"][0]
        return {out["OutputKey"]: out["OutputValue"] for out in found.get("Outputs", [])}

    def replacements(self, resources: Mapping[str, Resource]) -> dict[str, str]:
        """What a change set to these resources says of replacement, by logical id."""
        template = json.dumps({"Resources": resources})
        named = {"StackName": self.name, "ChangeSetName": "look"}
        self._api.create_change_set(**named, TemplateBody=template, ChangeSetType="UPDATE")
        until(lambda: self._described(named)["Status"] in ("CREATE_COMPLETE", "FAILED"))
        found = self._described(named)["Changes"]
        self._api.delete_change_set(**named)
        changes = [each["ResourceChange"] for each in found]
        return {each["LogicalResourceId"]: each["Replacement"] for each in changes}

    def _described(self, named: Mapping[str, str]) -> Any:
        return self._api.describe_change_set(**named)

    def resource(self, logical_id: str) -> str:
        """The physical id."""
        found = self._api.describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def reasons(self) -> list[str]:
        events = self._api.describe_stack_events(StackName=self.name)["StackEvents"]
        return [
            f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
            for event in events
            if "FAILED" in event["ResourceStatus"] and event.get("ResourceStatusReason")
        ]

    def delete(self) -> None:
        if self._exists():
            self._api.delete_stack(StackName=self.name)
            until(lambda: not self._status().endswith("IN_PROGRESS"))
            if self._exists():
                raise StackFailed("; ".join(self.reasons()))

    def _exists(self) -> bool:
        return bool(self._status())

    def _status(self) -> str:
        """Empty when it is gone, which may happen between two looks."""
        try:
            found = self._api.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError:
            return ""
        states = [str(one["StackStatus"]) for one in found]
        return next((one for one in states if one != "DELETE_COMPLETE"), "")

    def _settle(self) -> str:
        until(lambda: not self._status().endswith("IN_PROGRESS"), 60)
        return self._status()
