"""What is kept: keys, stored results, jobs, audio, images."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from config.section import Section, SomeDays


class KeysSettings(Section):
    refresh_minutes: float = Field(
        5, gt=0, le=60, description="How often the servers fetch the keys, in minutes."
    )
    overlap_hours: int = Field(
        72,
        ge=0,
        description="How long an old key stays valid after a new one was made under its name.",
    )
    rotation_days: int = Field(
        30,
        ge=1,
        le=1000,
        description="How often the service key is rotated, in days; the one before stays valid "
        "until the next rotation.",
    )


class ResultsSettings(Section):
    days: SomeDays = Field(7, description="Days after which stored results are deleted.")
    url_minutes: int = Field(
        720,
        ge=1,
        le=10080,
        description="Life of a link to a stored result, in minutes; the servers' credentials may "
        "end it sooner, and the answer says when.",
    )


class JobsSettings(Section):
    days: int = Field(
        3,
        ge=1,
        le=365,
        description="Days after which a job is deleted: what was asked and what came of it.",
    )


class StoreSettings(Section):
    days: int = Field(
        0,
        ge=0,
        le=365,
        description="Days to keep audio, transcripts and alignments so that the same call gets "
        "them again without the GPU. 0 keeps none, and what was kept before goes within a day.",
    )


class ImageSettings(Section):
    repository: str = Field(
        "gpu-voice",
        pattern=r"^[a-z0-9]+([._/-][a-z0-9]+)*$",
        description="ECR repository of the container image, with tags that cannot be moved.",
    )
    create: bool = Field(
        True,
        description="Whether this environment makes the repository. Environments of one account "
        "share it: one makes it, the others say false. It stays when the stack is destroyed; say "
        "false before a new deploy then.",
    )
    build: bool = Field(
        False,
        description="Whether this environment makes a CodeBuild project that builds and pushes "
        "images: `make image-cloud`, for who has no machine with the disk for it. It costs by the "
        "minute of a build and nothing besides.",
    )
    build_machine: Literal["large", "xlarge", "2xlarge"] = Field(
        "large",
        description="Machine of a build: `large` has 8 vCPU, 15 GB of memory and 128 GB of disk, "
        "`xlarge` 36, 70 and 256, `2xlarge` 72, 145 and 824.",
    )
    build_minutes: int = Field(
        120, ge=20, le=480, description="Minutes after which a build is ended."
    )
