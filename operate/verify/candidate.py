"""What exactly is verified: an image and a task definition, as they are deployed in a slot."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.release import SLOTS, SlotName
from config.settings import load_settings
from operate.cloud import Cloud, Deployed
from operate.failures import CommandError
from operate.image.registry import image_digest
from stacks.guard import render

TASK = "AWS::ECS::TaskDefinition"
RELEASE, ENGINE, DEVICE = "VOICE_RELEASE", "VOICE_ENGINE", "VOICE_DEVICE"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A slot as it is deployed. `digest` is 'unknown' where the repository does not tell it; `gpu`
    whether its engines compute on one, and must therefore say how full it is.
    """

    slot: SlotName
    tag: str
    digest: str
    task: str
    gpu: bool

    @property
    def image(self) -> str:
        """What a report is bound to: the digest, or else the tag."""
        return f"tag {self.tag}" if self.digest == UNKNOWN else self.digest


def candidate(cloud: Cloud, deployed: Deployed, slot: SlotName) -> Candidate:
    """Raises CommandError where the template has another shape than ours."""
    definitions = [
        resource
        for resource in render(deployed.template)[slot].values()
        if resource["Type"] == TASK
    ]
    if len(definitions) != 1:
        raise CommandError(f"the deployed stack has {len(definitions)} task definitions of {slot}.")
    container = definitions[0]["Properties"]["ContainerDefinitions"][0]
    variables = {each["Name"]: each["Value"] for each in container.get("Environment", [])}
    tag = str(variables.get(RELEASE, ""))
    repository = load_settings(cloud.environment).image.repository
    return Candidate(
        slot=slot,
        tag=tag,
        digest=image_digest(cloud, repository, tag) or UNKNOWN,
        task=task_hash(definitions[0]),
        gpu=variables.get(ENGINE) == "cuda" and variables.get(DEVICE) != "cpu",
    )


def active_slot(deployed: Deployed) -> SlotName:
    """The slot that answers callers now, whatever the release file says."""
    found = deployed.outputs["ActiveSlot"]
    return next(slot for slot in SLOTS if slot == found)


def task_hash(definition: Mapping[str, Any]) -> str:
    """SHA-256 of the resource as canonical JSON: keys sorted, no white space."""
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
