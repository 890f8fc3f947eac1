"""The queue of what the controller was told and never got to."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.reasons import accept, accept_checkov

KEPT = cdk.Duration.days(14)


def dead_letters(scope: Construct, construct_id: str) -> sqs.Queue:
    """Nobody reads it but people: an alarm tells them of the first message."""
    queue = sqs.Queue(
        scope,
        construct_id,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=KEPT,
    )
    accept(queue, "It is the queue of dead letters.", "AwsSolutions-SQS3")
    accept_checkov(
        queue,
        "Encrypted by SQS itself; the messages name a caller's kind and a time.",
        "CKV_AWS_27",
    )
    return queue
