"""What the power controller remembers: slots, wishes, leases, past starts, hours of the month."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from stacks.reasons import accept, accept_checkov

# It is small: read as a whole, written item by item.
USE = ("dynamodb:Scan", "dynamodb:PutItem", "dynamodb:DeleteItem")


def power_table(scope: Construct, construct_id: str) -> dynamodb.Table:
    """A table by `kind` and `id`; items with a time in `expires` go by themselves after it."""
    table = dynamodb.Table(
        scope,
        construct_id,
        partition_key=dynamodb.Attribute(name="kind", type=dynamodb.AttributeType.STRING),
        sort_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
        encryption=dynamodb.TableEncryption.DEFAULT,
        time_to_live_attribute="expires",
        # Learned times and leases; without them the controller begins anew.
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    reason = "It holds learned times and leases of hours: nothing worth going back to."
    accept(table, reason, "AwsSolutions-DDB3")
    accept_checkov(table, reason, "CKV_AWS_28")
    accept_checkov(
        table,
        "Encrypted by a key of DynamoDB's own; one of ours costs $1 a month and opens to the same "
        "roles.",
        "CKV_AWS_119",
    )
    return table
