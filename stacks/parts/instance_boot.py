"""What a GPU instance does when it boots: settings of the ECS agent, and the warm pool's pull."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import aws_ec2 as ec2

PARK = Path(__file__).with_name("park_with_image.sh")
SCRIPT = "/usr/local/bin/park-with-image"
UNIT = "park-with-image.service"
UNIT_TEXT = f"""\
[Unit]
After=network-online.target docker.service
Wants=network-online.target docker.service
Before=ecs.service
[Service]
Type=oneshot
ExecStart={SCRIPT}
[Install]
WantedBy=multi-user.target
"""
AGENT = {
    "ECS_ENABLE_GPU_SUPPORT": "true",
    # An instance that was parked has the image on its disk.
    "ECS_IMAGE_PULL_BEHAVIOR": "prefer-cached",
    # Unpacking a layer of several GB shows no progress for longer than the default, a minute.
    "ECS_IMAGE_PULL_INACTIVITY_TIMEOUT": "10m",
    # On Spot, the two minutes' notice takes no new task and stops the running one in order.
    "ECS_ENABLE_SPOT_INSTANCE_DRAINING": "true",
    # A parked instance must not join the cluster.
    "ECS_WARM_POOLS_CHECK": "true",
    "ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION": "10m",
    # Processes and threads of a task; a task definition on EC2 cannot say it.
    "ECS_TASK_PIDS_LIMIT": "4096",
}


def user_data(stop_minutes: int) -> ec2.UserData:
    """Commands of the first boot: settings of the agent."""
    data = ec2.UserData.for_linux()
    agent = {**AGENT, "ECS_CONTAINER_STOP_TIMEOUT": f"{stop_minutes + 1}m"}
    lines = [f"echo {name}={value} >> /etc/ecs/ecs.config" for name, value in agent.items()]
    data.add_commands(*lines)
    return data


def park_with_image(data: ec2.UserData) -> None:
    """Add the service that pulls the image named by the instance's tag `gpu-voice:image` before
    the instance may be parked or serve; it runs now and at every later boot."""
    data.add_commands(
        f"cat > {SCRIPT} <<'SCRIPT'\n{PARK.read_text(encoding='utf-8')}SCRIPT",
        f"chmod 755 {SCRIPT}",
        f"cat > /etc/systemd/system/{UNIT} <<'UNIT'\n{UNIT_TEXT}UNIT",
        "systemctl daemon-reload",
        f"systemctl enable --now {UNIT}",
    )
