"""Builds the container image in AWS, for who has no machine with the disk for it."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from config.data import ImageSettings
from stacks.parts.buckets import closed_bucket
from stacks.parts.log_groups import log_group
from stacks.reasons import accept, accept_resource

BUILDSPEC = "containers/voice/buildspec.yaml"
# A build that is started without a zip of its own finds none, and fails.
NO_ZIP = "name-a-zip"
KEPT_DAYS = 7
LOG_DAYS = 30
MACHINES = {
    "large": codebuild.ComputeType.LARGE,
    "xlarge": codebuild.ComputeType.X_LARGE,
    "2xlarge": codebuild.ComputeType.X2_LARGE,
}


class ImageBuild(Construct):
    """`project` builds what a zip in `sources` holds and pushes it to the repository.

    Each build is told its zip and its TAG when it is started: builds side by side share nothing.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        repository: ecr.IRepository,
        image: ImageSettings,
        log_name: str,
        removal: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.sources: s3.Bucket = closed_bucket(self, "Sources", days=KEPT_DAYS, removal=removal)
        log = log_group(self, "Log", name=log_name, days=LOG_DAYS, removal=removal)
        self.project = codebuild.Project(
            self,
            "Project",
            description="Builds the image of the speech servers and pushes it",
            # What the construct would grant by itself is wider than what a build does.
            role=self._role(repository, log).without_policy_updates(),
            source=codebuild.Source.s3(bucket=self.sources, path=NO_ZIP),
            build_spec=codebuild.BuildSpec.from_source_filename(BUILDSPEC),
            environment=codebuild.BuildEnvironment(
                build_image=codebuild.LinuxBuildImage.AMAZON_LINUX_2023_6,
                compute_type=MACHINES[image.build_machine],
                privileged=True,
            ),
            environment_variables={
                "REPOSITORY": codebuild.BuildEnvironmentVariable(value=repository.repository_uri)
            },
            timeout=cdk.Duration.minutes(image.build_minutes),
            logging=codebuild.LoggingOptions(
                cloud_watch=codebuild.CloudWatchLoggingOptions(log_group=log)
            ),
        )
        self._accept()

    def _role(self, repository: ecr.IRepository, log: logs.ILogGroup) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "codebuild.amazonaws.com",
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
            ),
        )
        zips = self.sources.arn_for_objects("*")
        role.add_to_policy(
            iam.PolicyStatement(actions=["s3:GetObject", "s3:GetObjectVersion"], resources=[zips])
        )
        # What CodeBuild asks of a bucket before it takes sources from it.
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:GetBucketAcl", "s3:GetBucketLocation"],
                resources=[self.sources.bucket_arn],
            )
        )
        log.grant_write(role)
        repository.grant_pull_push(role)
        # A push looks first whether its tag is taken.
        repository.grant(role, "ecr:DescribeImages")
        accept_resource(role, "Each build has a zip of its own, by the name of its tag.", zips)
        accept(
            role,
            "A registry token is not bound to one repository; AWS offers no narrower resource.",
            "AwsSolutions-IAM5[Resource::*]",
        )
        return role

    def _accept(self) -> None:
        accept(
            self.sources,
            "It holds sources for a week, written by who builds; CloudTrail knows them.",
            "AwsSolutions-S1",
        )
        accept(
            self.project,
            "A build makes no artifact; a key of our own for none costs $1 a month.",
            "AwsSolutions-CB4",
        )
