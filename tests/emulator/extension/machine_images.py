"""SSM: the public parameters that name the newest ECS machine image with GPU support."""

from __future__ import annotations

from ministack.services import ssm

IMAGE = "ami-0c0ffee0c0ffee000"
SYSTEMS = ("amazon-linux-2", "amazon-linux-2023")


def install() -> None:
    for system in SYSTEMS:
        name = f"/aws/service/ecs/optimized-ami/{system}/gpu/recommended/image_id"
        ssm._PUBLIC_AMI_PARAMETERS[name] = IMAGE
