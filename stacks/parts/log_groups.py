"""How every log group is made: named, kept for days, encrypted by CloudWatch itself."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.reasons import accept_checkov

OFFERED = {
    1: logs.RetentionDays.ONE_DAY,
    3: logs.RetentionDays.THREE_DAYS,
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    60: logs.RetentionDays.TWO_MONTHS,
    90: logs.RetentionDays.THREE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
    731: logs.RetentionDays.TWO_YEARS,
    1827: logs.RetentionDays.FIVE_YEARS,
    3653: logs.RetentionDays.TEN_YEARS,
}


def log_group(
    scope: Construct, construct_id: str, *, name: str, days: int, removal: cdk.RemovalPolicy
) -> logs.LogGroup:
    """A log group kept for the shortest time that CloudWatch offers of at least `days`."""
    group = logs.LogGroup(
        scope,
        construct_id,
        log_group_name=name,
        retention=OFFERED[min(offered for offered in OFFERED if offered >= days)],
        removal_policy=removal,
    )
    accept_checkov(
        group,
        "The lines hold counts, times and names of keys; CloudWatch encrypts them by itself, and a "
        "key of our own costs $1 a month.",
        "CKV_AWS_158",
    )
    return group
