"""What a deploy looks at first, because AWS would tell too late or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from config.release import SLOTS, Release, SlotName
from config.settings import Settings
from operate.cloud import Cloud
from operate.failures import CommandError
from operate.image.registry import image_digest

EXAMPLE = re.compile(r"(^|[.@/])example\.com|^Z0000000EXAMPLE$")
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"


def check_own(environment: str, settings: Settings) -> None:
    """Raise CommandError while a value of the example is in the settings."""
    for path, value in _texts(settings.model_dump(mode="json"), ""):
        if EXAMPLE.search(value):
            raise CommandError(
                f"config/{environment}.yaml still has the example's {path}, {value}. Put your own "
                "there."
            )


def check_targets(cloud: Cloud, before: list[SlotName], release: Release) -> None:
    """Raise CommandError when callers would be moved from a slot that answers to one that does not.

    While both are asleep a swap harms nobody.
    """
    new = [slot for slot in SLOTS if release.weight(slot) and slot not in before]
    if not new or not all(_healthy(cloud, slot) for slot in before):
        return
    for slot in new:
        if not _healthy(cloud, slot):
            raise CommandError(
                f"callers would be sent to {slot}, which is not ready, while {before[0]} answers "
                f"them. Start {slot}, wait until /tts/ready and /whisperx/ready answer 200 under "
                f"the header X-Voice-Slot: idle, then try again; or FORCE=yes."
            )


def missing_images(cloud: Cloud, settings: Settings, release: Release) -> Iterator[str]:
    """A sentence for each tag that the repository does not hold yet."""
    for slot in SLOTS:
        tag = release.slots[slot].tag
        if image_digest(cloud, settings.image.repository, tag) is None:
            yield (
                f"Note: the repository {settings.image.repository} has no image {tag}; push it "
                f"before {slot} is started."
            )


def _healthy(cloud: Cloud, slot: SlotName) -> bool:
    """Whether both servers of the slot are ready, as the load balancer sees them."""
    groups = cloud.resources(TARGET_GROUP, slot.capitalize())
    states = [
        [each["TargetHealth"]["State"] for each in _targets(cloud, group)] for group in groups
    ]
    return bool(states) and all("healthy" in each for each in states)


def _targets(cloud: Cloud, group: str) -> list[dict[str, Any]]:
    found = cloud.client("elbv2").describe_target_health(TargetGroupArn=group)
    targets: list[dict[str, Any]] = found["TargetHealthDescriptions"]
    return targets


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inside in value.items():
            yield from _texts(inside, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for inside in value:
            yield from _texts(inside, path)
