"""What AWS documents and MiniStack 1.5.33 lacks; docs/emulator.md has the table.

Every part goes through MiniStack's own API code or its own records, so that boto3 and
CloudFormation see one truth. The parts use private names of MiniStack: its version is pinned, and
each part has a contract test.
"""

from __future__ import annotations

from importlib.metadata import version

from tests.emulator.extension import (
    agents,
    alarm_actions,
    alarms,
    asynchronous,
    autoscaling,
    buckets,
    containers,
    events,
    firewall,
    forwarding,
    functions,
    instances,
    lambda_targets,
    machine_images,
    metrics,
    networks,
    permissions,
    placement,
    purchase,
    replacement,
    resource_arns,
    rotation,
    rules,
    schedules,
    secrets,
    services,
    tables,
    targets,
)

MINISTACK = "1.5.33"
PARTS = (
    agents,
    alarm_actions,
    alarms,
    asynchronous,
    autoscaling,
    buckets,
    containers,
    events,
    firewall,
    forwarding,
    functions,
    instances,
    lambda_targets,
    machine_images,
    metrics,
    networks,
    permissions,
    placement,
    purchase,
    replacement,
    resource_arns,
    rotation,
    rules,
    schedules,
    secrets,
    services,
    tables,
    targets,
)


def install() -> None:
    """Patch the MiniStack of this process. Refuses another version than the tested one."""
    if version("ministack") != MINISTACK:
        raise RuntimeError(
            f"The extension is written for MiniStack {MINISTACK}, not {version('ministack')}: "
            "install the pinned version, or check each part against the new one."
        )
    for part in PARTS:
        part.install()
