"""The slot that answers callers is not changed by accident."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from operate.cdk import cdk_command, tool_environment
from stacks import guard
from tests.infrastructure.stacks_under_test import ROOT, Stacks, stacks


def checked(before: Stacks, after: Stacks) -> None:
    record = {"live": guard.live_slots(before.service), "slots": guard.render(before.service)}
    guard.check("dev", json.loads(json.dumps(record)), after.service)


def test_what_is_guarded_is_there(dev: Stacks) -> None:
    for resources in guard.render(dev.service).values():
        assert {each["Type"] for each in resources.values()} == set(guard.GUARDED)


@pytest.mark.parametrize(
    ("changes", "released", "path"),
    [
        ({}, {"slots": {"blue": {"tag": "v2"}}}, "ContainerDefinitions"),
        ({"servers": {"cors_origins": ["https://new.example.com"]}}, {}, "VOICE_CORS_ORIGINS"),
        ({"servers": {"memory_mib": 15000}}, {}, "Memory"),
        ({"servers": {"start_minutes": 25}}, {}, "AWS::ECS::Service: HealthCheckGracePeriod"),
        ({"capacity": {"volume_gib": 100}}, {}, "AWS::EC2::LaunchTemplate: "),
        ({"keys": {"refresh_minutes": 2}}, {}, "VOICE_KEYS_MINUTES"),
    ],
)
def test_a_change_of_the_active_slot_is_refused_and_named(
    dev: Stacks, changes: dict[str, Any], released: dict[str, Any], path: str
) -> None:
    with pytest.raises(guard.ActiveSlotChange) as refused:
        checked(dev, stacks(changes, released))
    said = str(refused.value)
    assert path in said
    assert "blue answers callers in dev" in said
    assert "make deploy ENV=dev FORCE=yes" in said


def test_the_idle_slot_may_change_and_so_may_what_no_task_runs_on(dev: Stacks) -> None:
    checked(dev, stacks(released={"slots": {"green": {"tag": "v2"}}}))
    checked(dev, stacks({"alarms": {"error_percent": 3}, "results": {"days": 2}}))
    checked(dev, stacks(first_deploy=True))


def test_a_swap_passes_and_a_swap_with_a_change_does_not(dev: Stacks) -> None:
    checked(dev, stacks(released={"active": "green"}))
    both = {"active": "green", "slots": {"green": {"tag": "v2"}}}
    with pytest.raises(guard.ActiveSlotChange, match=r"sent to green and it would change"):
        checked(dev, stacks(released=both))
    left = {"active": "green", "slots": {"blue": {"tag": "v2"}}}
    with pytest.raises(guard.ActiveSlotChange, match=r"blue answers callers in dev"):
        checked(dev, stacks(released=left))


def test_a_slot_that_gets_a_share_of_the_calls_is_guarded_like_the_active_one(dev: Stacks) -> None:
    trial = stacks(released={"trial_percent": 10})
    assert guard.live_slots(trial.service) == ["blue", "green"]
    changed = {"trial_percent": 10, "slots": {"green": {"tag": "v2"}}}
    with pytest.raises(guard.ActiveSlotChange, match="green answers callers"):
        checked(trial, stacks(released=changed))
    with pytest.raises(guard.ActiveSlotChange, match="sent to green and it would change"):
        checked(dev, stacks(released=changed))


def test_before_the_first_deploy_everything_may_change(dev: Stacks) -> None:
    guard.check("dev", None, dev.service)


def test_the_command_line_refuses_and_a_force_lets_it_pass(tmp_path: Path) -> None:
    environment = {**tool_environment(), "GPUVOICE_RECORDS": str(tmp_path)}

    def synth(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*cdk_command("synth", "dev", tmp_path), "--quiet", *more],
            env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert synth().returncode == 0
    name = "GpuVoice-dev-Service.template.json"
    template = json.loads((tmp_path / "dev" / name).read_text(encoding="utf-8"))
    old = json.dumps(template).replace(":qwen3-v2.1", ":qwen3-v2.0")
    (tmp_path / "dev.json").write_text(
        json.dumps({"live": ["blue"], "slots": guard.render(json.loads(old))}), encoding="utf-8"
    )
    refused = synth()
    assert refused.returncode == 1
    assert "Refused: blue answers callers in dev" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert synth("-c", "force=active-slot").returncode == 0


def test_the_record_is_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dev: Stacks
) -> None:
    monkeypatch.setenv("GPUVOICE_RECORDS", str(tmp_path / "records"))
    assert guard.read_record("dev") is None
    file = guard.write_record("dev", dev.service)
    assert os.fspath(file).startswith(str(tmp_path))
    assert guard.read_record("dev") == {"live": ["blue"], "slots": guard.render(dev.service)}
