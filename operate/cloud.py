"""The deployed stacks, as CloudFormation tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from config.settings import load_settings
from operate.failures import CommandError
from stacks.names import Naming


@dataclass(frozen=True, slots=True)
class Deployed:
    """The service stack of an environment: its outputs and its template."""

    outputs: Mapping[str, str]
    template: Mapping[str, Any]


class Cloud:
    """AWS in the region of an environment, with the caller's credentials."""

    def __init__(self, environment: str) -> None:
        self.environment = environment
        self.stack = Naming(environment).stack("Service")
        self._session = boto3.Session(region_name=load_settings(environment).region)
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Made once: that takes longer than most calls."""
        if service not in self._clients:
            self._clients[service] = self._session.client(service)
        return self._clients[service]

    def deployed(self) -> Deployed | None:
        """None when there is no such stack. Raises CommandError when AWS cannot be asked."""
        cloudformation = self.client("cloudformation")
        try:
            stack = cloudformation.describe_stacks(StackName=self.stack)["Stacks"][0]
            template = cloudformation.get_template(StackName=self.stack, TemplateStage="Original")[
                "TemplateBody"
            ]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise CommandError(f"CloudFormation refused: {error}") from None
        except NoCredentialsError:
            raise CommandError(
                "there are no AWS credentials here: set AWS_PROFILE, or run aws configure."
            ) from None
        except BotoCoreError as error:
            raise CommandError(f"AWS cannot be reached: {error}") from None
        if stack["StackStatus"] in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE"):
            return None
        outputs = {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}
        return Deployed(outputs, template)

    def resources(self, kind: str, name: str = "") -> list[str]:
        """Physical ids of the stack's resources of a type whose logical id begins with `name`."""
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        return [
            resource["PhysicalResourceId"]
            for page in pages.paginate(StackName=self.stack)
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == kind
            and resource["LogicalResourceId"].startswith(name)
            and "PhysicalResourceId" in resource
        ]

    def empty_buckets(self) -> None:
        """Delete all objects of the stack's buckets: CloudFormation deletes empty buckets only."""
        if self.deployed() is None:
            return
        for name in self.resources("AWS::S3::Bucket"):
            self._session.resource("s3").Bucket(name).objects.all().delete()

    def require(self) -> Deployed:
        """Raises CommandError when the environment is not deployed."""
        found = self.deployed()
        if found is None:
            raise CommandError(
                f"{self.environment} is not deployed in this account: make deploy "
                f"ENV={self.environment} first, or check AWS_PROFILE."
            )
        return found
