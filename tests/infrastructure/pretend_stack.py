"""A deployed service stack in moto, as far as verifications look at it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import boto3

from operate.cloud import Cloud
from operate.verify.candidate import Candidate, active_slot, candidate
from stacks.names import Naming

REGION = "us-east-1"
BUCKET = "reports-of-dev"
REPOSITORY = "gpu-voice"
KEY = "gv_" + "k" * 43
STACK = "GpuVoice-dev-Service"
RELEASE_FILE = """\
dev:
  active: blue
  slots: {blue: {tag: v1}, green: {tag: v2}}
"""


def client(service: str) -> Any:
    return boto3.client(service, REGION)


def publish(name: str, value: float, *, slot: str) -> None:
    """What a slot's GPU or server would have told CloudWatch just now."""
    data = {
        "MetricName": name,
        "Dimensions": [{"Name": "Slot", "Value": slot}],
        "Timestamp": datetime.now(UTC),
        "Value": value,
    }
    client("cloudwatch").put_metric_data(Namespace=Naming("dev").namespace, MetricData=[data])


def task(slot: str, tag: str, memory: int = 1000, engine: str = "cpu") -> dict[str, Any]:
    container = {
        "Name": "voice",
        "Image": f"{REPOSITORY}:{tag}",
        "Memory": memory,
        "Environment": [
            {"Name": "VOICE_SLOT", "Value": slot},
            {"Name": "VOICE_RELEASE", "Value": tag},
            {"Name": "VOICE_ENGINE", "Value": engine},
        ],
    }
    properties = {"Family": f"voice-{slot}", "ContainerDefinitions": [container]}
    return {"Type": "AWS::ECS::TaskDefinition", "Properties": properties}


@dataclass
class PretendStack:
    """`deploy` makes or updates it; tags are those of the task definitions."""

    file: Path
    url: str

    def deploy(
        self,
        *,
        active: str = "blue",
        reports: bool = True,
        builds: Mapping[str, str] = MappingProxyType({}),
        **green: Any,
    ) -> None:
        secret = "gpu-voice-dev/service-key"
        outputs = {
            "ActiveSlot": active,
            "Url": self.url,
            "ServiceKeySecretArn": secret,
            **({"ReportsBucket": BUCKET} if reports else {}),
            **builds,
        }
        template = {
            "Resources": {
                "BlueTaskDefinition": task("blue", "v1"),
                "GreenTaskDefinition": task("green", **{"tag": "v2", **green}),
            },
            "Outputs": {name: {"Value": value} for name, value in outputs.items()},
        }
        stacks = client("cloudformation")
        first = not stacks.list_stacks(StackStatusFilter=["CREATE_COMPLETE", "UPDATE_COMPLETE"])[
            "StackSummaries"
        ]
        change = stacks.create_stack if first else stacks.update_stack
        change(StackName=STACK, TemplateBody=json.dumps(template))
        if first:
            client("s3").create_bucket(Bucket=BUCKET)
            client("secretsmanager").create_secret(
                Name=secret, SecretString=json.dumps({"key": KEY})
            )
            client("ecr").create_repository(repositoryName=REPOSITORY)

    def push(self, tag: str, content: str) -> None:
        """An image with this tag, whose digest changes with the content."""
        digest = f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"
        kind = "application/vnd.docker.distribution.manifest.v2+json"
        config = {"mediaType": "application/json", "size": 1, "digest": digest}
        manifest = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": []}
        # In ECR the tag moves; moto would leave it on both.
        self.lose(tag)
        client("ecr").put_image(
            repositoryName=REPOSITORY,
            imageManifest=json.dumps(manifest),
            imageTag=tag,
            imageDigest=digest,
        )

    def lose(self, tag: str) -> None:
        """No image has this tag any more."""
        client("ecr").batch_delete_image(repositoryName=REPOSITORY, imageIds=[{"imageTag": tag}])

    def release(self, text: str) -> None:
        self.file.write_text(text, encoding="utf-8")

    def candidate(self, slot: str) -> Candidate:
        cloud = Cloud("dev")
        deployed = cloud.require()
        assert active_slot(deployed) in ("blue", "green")
        return candidate(cloud, deployed, slot)  # type: ignore[arg-type]

    def kept(self) -> list[Any]:
        """All reports, the oldest first."""
        found = client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
        keys = [each["Key"] for each in sorted(found, key=lambda each: each["Key"][-28:])]
        bodies = [client("s3").get_object(Bucket=BUCKET, Key=key)["Body"] for key in keys]
        return [json.load(body) for body in bodies]
