"""WAF: a web ACL's association with a load balancer in a template."""

from __future__ import annotations

from ministack.services import waf

from tests.emulator.extension.registry import Created, Properties, answer, define


def install() -> None:
    define("AWS::WAFv2::WebACLAssociation", create=_associate, delete=_dissociate)


def _associate(logical_id: str, properties: Properties, stack: str) -> Created:
    """Ref is "resource ARN|ACL ARN" (aws-resource-wafv2-webaclassociation)."""
    resource, acl = properties["ResourceArn"], properties["WebACLArn"]
    answer(waf._associate_web_acl({"ResourceArn": resource, "WebACLArn": acl}))
    return f"{resource}|{acl}", {}


def _dissociate(physical_id: str, properties: Properties) -> None:
    resource, acl = physical_id.split("|")
    if waf._associations.get(resource) == acl:
        answer(waf._disassociate_web_acl({"ResourceArn": resource}))
