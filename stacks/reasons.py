"""Findings of the security packs that are accepted, each with its reason, beside its resource."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import jsii
from cdk_nag import AwsSolutionsChecks
from constructs import IConstruct, IValidation


def accept(scope: IConstruct, reason: str, *findings: str) -> None:
    """Accept these findings (such as `AwsSolutions-EC23`) on the resource and what is in it."""
    cdk.Validations.of(scope).acknowledge(
        *(cdk.Acknowledgment(id=finding, reason=reason) for finding in findings)
    )


def accept_resource(scope: IConstruct, reason: str, resource: str) -> None:
    """Accept a policy whose resource, an ARN with a wildcard, is as narrow as it can be."""
    scope.node.add_validation(_Later(scope, reason, resource))


@jsii.implements(IValidation)
class _Later:
    """What another stack calls a thing is known when all stacks are: as they are validated."""

    def __init__(self, scope: IConstruct, reason: str, resource: str) -> None:
        self._scope, self._reason, self._resource = scope, reason, resource

    def validate(self) -> list[str]:
        shown = _shown(cdk.Stack.of(self._scope).resolve(self._resource))
        accept(self._scope, self._reason, f"AwsSolutions-IAM5[Resource::{shown}]")
        return []


def _shown(value: Any) -> str:
    """A resolved token as the security pack writes it: plain references in angle brackets."""
    if isinstance(value, str):
        return value
    (name, inside), *_ = value.items()
    if name == "Fn::Join":
        return str(inside[0]).join(_shown(part) for part in inside[1])
    if name in ("Ref", "Fn::GetAtt"):
        return f"<{inside if name == 'Ref' else '.'.join(inside)}>"
    return json.dumps(value, separators=(",", ":"))


def accept_checkov(construct: IConstruct, reason: str, *checks: str) -> None:
    """Accept these checkov checks on one resource; the reason goes into the template."""
    resource = construct if isinstance(construct, cdk.CfnResource) else construct.node.default_child
    if not isinstance(resource, cdk.CfnResource):
        raise TypeError(f"{construct.node.path} stands for no single resource")
    skipped = (resource.get_metadata("checkov") or {}).get("skip", [])
    skip = [*skipped, *({"id": check, "comment": reason} for check in checks)]
    resource.add_metadata("checkov", {"skip": skip})


def check_everything(app: cdk.App) -> None:
    """Every synth runs the AwsSolutions pack; a finding without a reason fails it."""
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
