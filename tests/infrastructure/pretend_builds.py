"""Builds as CodeBuild describes them while they run: moto's end with the first look."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from moto.codebuild.models import CodeBuildBackend, codebuild_backends
from moto.codebuild.responses import CodeBuildResponse
from moto.core.models import DEFAULT_ACCOUNT_ID

from tests.infrastructure.pretend_stack import REGION, client

PROJECT, SOURCES = "image-build", "sources-of-dev"
GROUP = "/gpu-voice/dev/image-build"

Step = Callable[[dict[str, Any]], None]


def phase(name: str) -> Step:
    def enter(build: dict[str, Any]) -> None:
        build["currentPhase"] = name

    return enter


def names_its_log(build: dict[str, Any]) -> None:
    """The log has a name some seconds before there is one."""
    build["logs"] = {"groupName": GROUP, "streamName": build["id"].rpartition(":")[2]}


def prints(*lines: str) -> Step:
    """The build has a log now, and these lines are in it."""

    def speak(build: dict[str, Any]) -> None:
        stream = build["id"].rpartition(":")[2]
        logs = client("logs")
        if not logs.describe_log_streams(logGroupName=GROUP)["logStreams"]:
            logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
        names_its_log(build)
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": each} for each in lines]
        logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=events)

    return speak


def ends(status: str, **failed: str) -> Step:
    """`failed`: a phase that did not succeed, and CodeBuild's words for it."""

    def end(build: dict[str, Any]) -> None:
        build["buildStatus"], build["currentPhase"] = status, "COMPLETED"
        build["phases"] = [
            {"phaseType": "INSTALL", "phaseStatus": "SUCCEEDED"},
            *(
                {"phaseType": name, "phaseStatus": "FAILED", "contexts": [{"message": words}]}
                for name, words in failed.items()
            ),
        ]

    return end


@dataclass
class PretendBuilds:
    """Each look at a build takes the next of `steps`; `started` has what each start was given."""

    steps: list[Step] = field(default_factory=list)
    started: list[dict[str, Any]] = field(default_factory=list)

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pretend, start = self, CodeBuildResponse.start_build

        def start_build(response: CodeBuildResponse) -> Any:
            names = ("sourceTypeOverride", "sourceLocationOverride", "environmentVariablesOverride")
            given = {name: response._get_param(name) for name in names}
            pretend.started.append(given)
            answer = start(response)
            build = response.codebuild_backend.build_metadata[PROJECT].build_metadata
            build["logs"] = {}
            build["environment"]["environmentVariables"] = given[names[2]]
            return answer

        def batch_get_builds(backend: CodeBuildBackend, ids: list[str]) -> list[dict[str, Any]]:
            every = [one for of in backend.build_metadata_history.values() for one in of]
            found = [one for one in every if one["id"] in ids]
            for one in found:
                if pretend.steps:
                    pretend.steps.pop(0)(one)
            return found

        monkeypatch.setattr(CodeBuildResponse, "start_build", start_build)
        monkeypatch.setattr(CodeBuildBackend, "batch_get_builds", batch_get_builds)

    def begin(self, tag: str) -> None:
        """A build that somebody else has started."""
        variables = [{"name": "TAG", "value": tag, "type": "PLAINTEXT"}]
        client("codebuild").start_build(projectName=PROJECT, environmentVariablesOverride=variables)
        self.started.clear()


def make_project() -> None:
    """The project, its log group and its bucket, as the stack makes them."""
    client("s3").create_bucket(Bucket=SOURCES)
    client("logs").create_log_group(logGroupName=GROUP)
    client("codebuild").create_project(
        name=PROJECT,
        source={"type": "S3", "location": f"{SOURCES}/name-a-zip"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/amazonlinux-x86_64-standard:6.0",
            "computeType": "BUILD_GENERAL1_LARGE",
        },
        serviceRole=f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/build",
    )
    assert codebuild_backends[DEFAULT_ACCOUNT_ID][REGION].codebuild_projects
