"""The secrets of the front door: named keys as hashes, and the rotated service key."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from stacks.parts.functions import small_function
from stacks.reasons import accept, accept_checkov

KEY_CHARACTERS = 43


class ApiKeys(Construct):
    """`named` is written by `make key`; `service` by its rotation alone."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        prefix: str,
        rotation_days: int,
        log_name: str,
        log_days: int,
        removal: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.named = secretsmanager.Secret(
            self,
            "Named",
            secret_name=f"{prefix}/keys",
            description="API keys by name, as hashes. Written by make key.",
            # Nothing secret yet. A later deploy does not touch what make key has written.
            secret_string_value=cdk.SecretValue.unsafe_plain_text("{}"),
            removal_policy=removal,
        )
        accept(
            self.named,
            "It holds hashes; a key is renewed by make key, whose clear text only its owner has.",
            "AwsSolutions-SMG4",
        )
        self.service = secretsmanager.Secret(
            self,
            "Service",
            secret_name=f"{prefix}/service-key",
            description="Key of the power controller and other callers with IAM rights.",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template="{}",
                generate_string_key="key",
                password_length=KEY_CHARACTERS,
                exclude_punctuation=True,
            ),
            removal_policy=removal,
        )
        for secret in (self.named, self.service):
            _own_key_is_enough(secret)
        rotate = small_function(
            self,
            "Rotate",
            folder="rotation",
            handler="rotation.handler",
            description="Makes a new service key; the one before stays valid until the next.",
            log_name=log_name,
            log_days=log_days,
            removal=removal,
            no_dead_letters="Secrets Manager calls it, waits for the answer and retries: nothing "
            "is to be queued.",
        )
        rotate.add_permission(
            "SecretsManager",
            principal=iam.ServicePrincipal("secretsmanager.amazonaws.com"),
            source_account=cdk.Aws.ACCOUNT_ID,
            source_arn=self.service.secret_arn,
        )
        rotate.add_to_role_policy(
            iam.PolicyStatement(
                actions=[
                    "secretsmanager:DescribeSecret",
                    "secretsmanager:GetSecretValue",
                    "secretsmanager:PutSecretValue",
                    "secretsmanager:UpdateSecretVersionStage",
                ],
                resources=[self.service.secret_arn],
            )
        )
        schedule = secretsmanager.CfnRotationSchedule(
            self,
            "Schedule",
            secret_id=self.service.secret_arn,
            rotation_lambda_arn=rotate.function_arn,
            rotation_rules=secretsmanager.CfnRotationSchedule.RotationRulesProperty(
                schedule_expression=f"rate({rotation_days} days)"
            ),
            rotate_immediately_on_update=False,
        )
        # The schedule is refused before Secrets Manager may call the function.
        schedule.node.add_dependency(rotate)

    def grant_read(self, role: iam.IGrantable) -> None:
        """Both secrets, for who checks keys."""
        self.named.grant_read(role, ["AWSCURRENT"])
        self.service.grant_read(role, ["AWSCURRENT", "AWSPREVIOUS"])

    def grant_read_service(self, role: iam.IGrantable) -> None:
        """The service key as it is now, for who calls the servers."""
        self.service.grant_read(role, ["AWSCURRENT"])


def _own_key_is_enough(secret: secretsmanager.Secret) -> None:
    accept_checkov(
        secret,
        "Encrypted with the key that AWS keeps for Secrets Manager; one of our own costs $1 a "
        "month and would be opened to the same roles.",
        "CKV_AWS_149",
    )
