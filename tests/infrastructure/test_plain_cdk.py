"""`cdk deploy` by hand: it must not switch off what runs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from operate.cdk import cdk_command, tool_environment
from tests.infrastructure.stacks_under_test import ROOT


def counts(folder: Path, *more: str) -> tuple[list[object], str]:
    """Desired counts in the template, and what the CLI said."""
    done = subprocess.run(
        [*cdk_command("synth", "dev", folder), "--quiet", *more],
        env={**tool_environment(), "GPUVOICE_RECORDS": str(folder)},
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    file = folder / "dev/GpuVoice-dev-Service.template.json"
    resources = json.loads(file.read_text(encoding="utf-8"))["Resources"].values()
    services = [each for each in resources if each["Type"] == "AWS::ECS::Service"]
    return [each["Properties"].get("DesiredCount") for each in services], done.stderr


def test_without_a_record_counts_are_left_alone_and_a_warning_says_what_to_do(
    tmp_path: Path,
) -> None:
    found, said = counts(tmp_path)
    assert found == [None, None]
    assert "There is no record of what is deployed in dev" in said
    assert "make deploy ENV=dev" in said


def test_only_a_first_deploy_that_says_so_starts_nothing(tmp_path: Path) -> None:
    found, said = counts(tmp_path, "-c", "first=yes")
    assert found == [0, 0]
    assert "no record" not in said
