"""Lambda: an AWS service may call a function when the function's own policy says so."""

from __future__ import annotations

from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc


def may_call(function: str, principal: str, source: str) -> bool:
    """`source` is the ARN of what it calls for: a rule, an alarm, a target group."""
    found = lambda_svc.function_policy_for_arn(function)
    if found is None:
        return False
    account = get_account_id()
    context = EvalContext(
        principal_arn=f"arn:aws:iam::{account}:service/{principal}",
        principal_type="Service",
        principal_account=account,
        action="lambda:InvokeFunction",
        resource_arn=function,
        region=get_region(),
        service_context={"aws:sourcearn": source, "aws:sourceaccount": account},
    )
    return bool(evaluate_resource_policy(found[0], context, service=principal).decision == "Allow")
