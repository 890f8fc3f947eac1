"""A limit of requests for each address, by AWS WAF."""

from __future__ import annotations

from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from stacks.reasons import accept_checkov


class RateLimit(Construct):
    """An address above the limit is answered 403 by the load balancer until it is below again."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        resource_arn: str,
        requests_per_5_minutes: int,
    ) -> None:
        super().__init__(scope, construct_id)
        rate = waf.CfnWebACL.RateBasedStatementProperty(
            limit=requests_per_5_minutes, aggregate_key_type="IP", evaluation_window_sec=300
        )
        acl = waf.CfnWebACL(
            self,
            "Acl",
            scope="REGIONAL",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_metric("voice"),
            rules=[
                waf.CfnWebACL.RuleProperty(
                    name="rate",
                    priority=0,
                    action=waf.CfnWebACL.RuleActionProperty(block={}),
                    statement=waf.CfnWebACL.StatementProperty(rate_based_statement=rate),
                    visibility_config=_metric("voice-rate"),
                )
            ],
        )
        accept_checkov(
            acl,
            "The list limits how often an address calls; no Java program is behind it.",
            "CKV_AWS_192",
        )
        waf.CfnWebACLAssociation(
            self, "OnBalancer", resource_arn=resource_arn, web_acl_arn=acl.attr_arn
        )


def _metric(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, sampled_requests_enabled=True, metric_name=name
    )
