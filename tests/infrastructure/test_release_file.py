"""`make release`, `make swap`, `make rollback`: what they write and what they refuse."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config.release import load_release
from config.settings import ConfigError, load_settings
from operate import release as commands
from operate.failures import CommandError
from tests.infrastructure.stacks_under_test import ROOT

START = """\
prod:
  active: green
  slots: {blue: {tag: v1}, green: {tag: v1}}
dev:
  active: blue
  slots: {blue: {tag: v1}, green: {tag: v1}}
"""


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "release.yaml"
    found.write_text(START, encoding="utf-8")
    monkeypatch.setenv("GPUVOICE_RELEASE_FILE", str(found))
    return found


def state() -> tuple[str, str, str]:
    found = load_release("dev")
    return found.active, found.slots["blue"].tag, found.slots["green"].tag


def test_release_swap_and_rollback_go_there_and_back() -> None:
    said = commands.release("dev", "v2")
    assert state() == ("blue", "v1", "v2")
    assert "one replaced task definition, of green" in said
    said = commands.swap("dev")
    assert state() == ("green", "v1", "v2")
    assert "the weights of four listener rules" in said
    commands.rollback("dev")
    assert state() == ("blue", "v1", "v2")


def test_other_environments_and_the_heading_stay(file: Path) -> None:
    commands.release("dev", "v2")
    commands.swap("dev")
    assert load_release("prod").active == "green"
    assert load_release("prod").slots["blue"].tag == "v1"
    assert file.read_text(encoding="utf-8").startswith("# Which slot answers callers")


def test_a_second_rollback_has_nothing_to_take_back() -> None:
    commands.swap("dev")
    commands.rollback("dev")
    with pytest.raises(CommandError, match=r"no swap in dev to take back.*make release TAG="):
        commands.rollback("dev")


def test_a_release_over_the_way_back_says_so_and_ends_it() -> None:
    commands.release("dev", "v2")
    commands.swap("dev")
    assert "held the way back to v1; make rollback is over" in commands.release("dev", "v3")
    assert load_release("dev").rollback is None
    with pytest.raises(CommandError):
        commands.rollback("dev")


def test_a_tag_by_hand_after_the_swap_is_no_way_back(file: Path) -> None:
    commands.swap("dev")
    text = file.read_text(encoding="utf-8")
    before, dev = text.split("dev:")
    file.write_text(f"{before}dev:{dev.replace('tag: v1', 'tag: v9', 1)}", encoding="utf-8")
    with pytest.raises(CommandError, match=r"blue ran v1 then and has v9 now"):
        commands.rollback("dev")


def test_a_swap_ends_a_trial(file: Path) -> None:
    file.write_text(START.replace("  active: blue", "  active: blue\n  trial_percent: 10"))
    assert load_release("dev").weight("green") == 10
    commands.swap("dev")
    assert load_release("dev").trial_percent == 0


def test_the_same_tag_again_is_nothing_to_release() -> None:
    with pytest.raises(CommandError, match="green has the tag v1 already"):
        commands.release("dev", "v1")


@pytest.mark.parametrize("tag", ["", "a b", ".hidden", "x" * 200, "v2; rm -rf"])
def test_a_tag_that_is_none_is_refused(tag: str, file: Path) -> None:
    before = file.read_text(encoding="utf-8")
    with pytest.raises((ConfigError, CommandError), match=r"TAG:|say which image"):
        commands.release("dev", tag)
    assert file.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("dev: {active: red, slots: {}}", "active"),
        ("dev: {active: blue, slots: {blue: {tag: v1}}}", "slots.green: is missing"),
        (
            "dev: {active: blue, slots: {blue: {tag: v1}, green: {tagg: v1}}}",
            "slots.green.tagg is not a setting. Did you mean tag?",
        ),
        ("other: {}", "says nothing of dev"),
        ("- a", "must hold keys and values"),
        ("dev: [", "not valid YAML"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(file: Path, text: str, said: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_release("dev")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("{network: {cidr: 10.0.0.0/16}}", "network cannot differ between slots"),
        ("{servers: {memory: 1}}", "memory is not a setting. Did you mean memory_mib?"),
    ],
)
def test_settings_of_a_slot_are_checked_like_others(file: Path, own: str, said: str) -> None:
    file.write_text(START.replace("green: {tag: v1}}", f"green: {{tag: v1, settings: {own}}}}}"))
    with pytest.raises(ConfigError) as refused:
        load_release("dev").slot_settings("green", load_settings("dev"))
    assert said in str(refused.value)


def test_what_to_review_is_named_as_it_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPUVOICE_RELEASE_FILE", str(ROOT / "config/release.yaml"))
    assert "git diff config/release.yaml;" in commands.review("dev", "anything")


def test_the_command_speaks_on_stderr_and_succeeds(file: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "operate", "release", "--env", "dev", "--tag", "v7"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == ""
    assert "make deploy ENV=dev" in done.stderr
    assert state() == ("blue", "v1", "v7")
