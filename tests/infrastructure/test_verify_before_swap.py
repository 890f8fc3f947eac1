"""`make swap` wants a passing report of exactly what is deployed in the idle slot."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from config.release import load_release
from operate import __main__ as commands
from operate.cloud import Cloud
from operate.failures import CommandError
from operate.verify.before_swap import check_verified
from operate.verify.reports import Reports
from tests.infrastructure.pretend_stack import RELEASE_FILE, PretendStack

EARLIER = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "release.yaml"
    found.write_text(RELEASE_FILE, encoding="utf-8")
    monkeypatch.setenv("GPUVOICE_RELEASE_FILE", str(found))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    return found


@pytest.fixture
def stack(file: Path) -> Iterator[PretendStack]:
    with mock_aws():
        made = PretendStack(file, "http://127.0.0.1:9")
        made.deploy()
        made.push("v2", "the image")
        yield made


def keep(stack: PretendStack, *, passed: bool = True, minutes: float = 0) -> Any:
    green = stack.candidate("green")
    report = {
        "at": (EARLIER + timedelta(minutes=minutes)).isoformat(),
        "passed": passed,
        "image": green.image,
        "task": green.task,
        "checks": [{"name": "speech, word errors", "passed": passed}],
    }
    cloud = Cloud("dev")
    Reports(cloud, cloud.require()).keep(green, report)
    return report


def refused() -> str:
    with pytest.raises(CommandError) as caught:
        check_verified("dev")
    return str(caught.value)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["operate", *arguments, "--env", "dev"])
    return commands.main()


def test_a_slot_without_a_report_is_not_swapped_to(
    stack: PretendStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "swap") == 1
    said = capsys.readouterr().err
    assert "green with v2 was not verified" in said
    assert "make verify-slot ENV=dev, or FORCE=yes" in said
    assert load_release("dev").active == "blue"


def test_a_passing_report_is_enough_and_the_way_back_needs_none(
    stack: PretendStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(stack)
    assert run(monkeypatch, "swap") == 0
    assert "green with v2 was verified at 2026-11-24T09:00" in capsys.readouterr().err
    assert load_release("dev").active == "green"
    stack.deploy(active="green")
    assert run(monkeypatch, "rollback") == 0
    assert load_release("dev").active == "blue"


def test_force_needs_no_report_and_asks_nobody(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert run(monkeypatch, "swap", "--force") == 0
    assert "Nothing was verified." in capsys.readouterr().err
    assert load_release("dev").active == "green"


def test_another_image_behind_the_same_tag_was_not_verified(stack: PretendStack) -> None:
    keep(stack)
    check_verified("dev")
    stack.push("v2", "another image")
    assert "was not verified as it is deployed now" in refused()


def test_an_image_that_came_after_a_report_by_tag_was_not_verified(stack: PretendStack) -> None:
    stack.deploy(tag="v3")
    stack.release(RELEASE_FILE.replace("v2", "v3"))
    keep(stack)
    check_verified("dev")
    stack.push("v3", "pushed later")
    assert "was not verified" in refused()


def test_another_task_definition_was_not_verified(stack: PretendStack) -> None:
    keep(stack)
    stack.deploy(memory=2000)
    assert "was not verified" in refused()
    stack.deploy()
    check_verified("dev")


def test_a_release_that_is_not_deployed_was_not_verified(stack: PretendStack) -> None:
    keep(stack)
    stack.release(RELEASE_FILE.replace("v2", "v3"))
    said = refused()
    assert "green is deployed with v2, and the release file gives it v3" in said
    assert "deploy ENV=dev first" in said


def test_the_last_report_counts(stack: PretendStack) -> None:
    keep(stack)
    keep(stack, passed=False, minutes=5)
    said = refused()
    assert "failed its verification of 2026-11-24T09:05" in said
    assert "speech, word errors" in said
    keep(stack, minutes=10)
    check_verified("dev")


def test_the_record_of_a_slot_is_the_last_that_it_passed(stack: PretendStack) -> None:
    first = keep(stack)
    keep(stack, passed=False, minutes=5)
    cloud = Cloud("dev")
    reports = Reports(cloud, cloud.require())
    assert reports.record(stack.candidate("green").task) == first
    assert reports.record(stack.candidate("blue").task) is None


def test_a_swap_that_was_not_deployed_is_taken_back_without_a_report(stack: PretendStack) -> None:
    stack.release(RELEASE_FILE.replace("active: blue", "active: green"))
    assert "blue answers callers now" in check_verified("dev")


def test_an_environment_that_is_not_deployed_has_nothing_to_verify(file: Path) -> None:
    with mock_aws():
        assert "not deployed here" in check_verified("dev")


def test_without_an_answer_of_aws_nothing_is_swapped(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    said = refused()
    assert "AWS cannot be reached" in said
    assert "FORCE=yes" in said
