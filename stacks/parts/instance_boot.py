"""What a GPU instance does when it boots: settings of the ECS agent, and the warm pool's pull."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import aws_ec2 as ec2

PARK = Path(__file__).with_name("park_with_image.sh")
AGENT = {
    "ECS_ENABLE_GPU_SUPPORT": "true",
    # An instance that was parked has the image on its disk.
    "ECS_IMAGE_PULL_BEHAVIOR": "prefer-cached",
    # On Spot, the two minutes' notice takes no new task and stops the running one in order.
    "ECS_ENABLE_SPOT_INSTANCE_DRAINING": "true",
    # A parked instance must not join the cluster.
    "ECS_WARM_POOLS_CHECK": "true",
    "ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION": "10m",
}


def user_data(*, stop_minutes: int, park: bool) -> ec2.UserData:
    """Commands of the first boot. `park` adds a script of every boot that pulls the image named
    by the instance's tag `gpu-voice:image` before the instance may be stopped or serve."""
    data = ec2.UserData.for_linux()
    agent = {**AGENT, "ECS_CONTAINER_STOP_TIMEOUT": f"{stop_minutes + 1}m"}
    lines = [f"echo {name}={value} >> /etc/ecs/ecs.config" for name, value in agent.items()]
    data.add_commands(*lines)
    if park:
        target = "/var/lib/cloud/scripts/per-boot/park_with_image.sh"
        data.add_commands(
            f"cat > {target} <<'SCRIPT'\n{PARK.read_text(encoding='utf-8')}SCRIPT",
            f"chmod 755 {target}",
        )
    return data
