"""`make verify-slot`: the true servers pass, and whatever is wrong with a slot is refused."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from operate.cloud import Cloud
from operate.failures import CommandError
from operate.verify import command, starting
from operate.verify.before_swap import check_verified
from operate.verify.command import verify
from operate.verify.reports import Reports
from operate.verify.vram import vram_percent
from tests.infrastructure import slots_that_are_wrong as wrong
from tests.infrastructure.pretend_stack import KEY, RELEASE_FILE, PretendStack, publish
from tests.infrastructure.staged_front import Front, staged_front
from tests.servers import Running, running_servers


@pytest.fixture(scope="module")
def slot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The true servers as the task of green."""
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    own = {
        "VOICE_SLOT": "green",
        "VOICE_RELEASE": "v2",
        "VOICE_KEYS": f"power=sha256:{digest}:service",
    }
    with running_servers(tmp_path_factory.mktemp("green"), own) as running:
        yield running


@pytest.fixture(scope="module")
def door(slot: Running) -> Iterator[Front]:
    with staged_front(slot) as found:
        yield found


@pytest.fixture
def front(door: Front) -> Front:
    door.asleep, door.can_start, door.wakes, door.alter = False, True, True, None
    door.started.clear()
    return door


@pytest.fixture
def stack(front: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PretendStack]:
    file = tmp_path / "release.yaml"
    monkeypatch.setenv("GPUVOICE_RELEASE_FILE", str(file))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        made = PretendStack(file, front.url)
        made.release(RELEASE_FILE)
        made.deploy()
        made.push("v2", "the image")
        yield made


def test_the_true_servers_pass_and_the_report_says_what_was_verified(
    stack: PretendStack, capsys: pytest.CaptureFixture[str]
) -> None:
    said = verify("dev")
    assert "green with v2 passed" in said
    assert "make swap ENV=dev" in said
    (report,) = stack.kept()
    green = stack.candidate("green")
    assert report["passed"] is True
    assert (report["slot"], report["tag"], report["environment"]) == ("green", "v2", "dev")
    assert report["digest"].startswith("sha256:")
    assert (report["image"], report["task"]) == (green.digest, green.task)
    assert report["compared_with"] is None
    assert 0 <= report["figures"]["transcription_word_errors"] <= 0.05
    assert 0 < report["figures"]["alignment_median"] < 0.1
    assert report["figures"]["speech_seconds"] > 0
    assert (report["gpu"], report["figures"]["vram_percent"]) == (False, None)
    assert all({"name", "figure", "limit", "passed"} <= set(check) for check in report["checks"])
    shown = capsys.readouterr().out
    assert "absolute limits only" in shown
    assert "Its engines use no GPU: none of its memory is judged." in shown
    assert "not measured" not in shown
    assert KEY not in shown + said + json.dumps(report)
    assert "was verified at" in check_verified("dev")


@pytest.mark.parametrize(
    ("percent", "said"),
    [(None, "GPU memory not measured, at most 97"), (98.5, "GPU memory 98.5 points"), (71.0, "")],
)
def test_a_slot_with_a_gpu_must_say_how_full_it_is(
    stack: PretendStack, percent: float | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The servers are those of the CPU: what counts is that the slot was deployed for a GPU."""
    monkeypatch.setattr(command, "vram_percent", partial(vram_percent, wait_seconds=0))
    stack.deploy(engine="cuda")
    if percent is not None:
        publish("GpuMemoryPercent", percent, slot="green")
    if said:
        with pytest.raises(CommandError, match=f"green with v2 failed: {said}"):
            verify("dev")
    else:
        assert "green with v2 passed" in verify("dev")
    (report,) = stack.kept()
    assert (report["gpu"], report["figures"]["vram_percent"]) == (True, percent)


@pytest.mark.parametrize(
    ("alter", "said"),
    [
        (wrong.shuffled_texts, "speech, word errors"),
        (wrong.silence, "speech, silence"),
        (wrong.another_rate, "not 24000 Hz"),
        (wrong.cut_short, "speech, fastest text"),
        (wrong.clipped, "clipped samples"),
        (wrong.heard_elsewhere, "transcription, word errors"),
        (wrong.wrong_times, "alignment, median start error"),
        (wrong.one_long_pause, "95th percentile"),
        (wrong.zeros, "misplaced words"),
        (wrong.a_word_less, "misplaced words"),
        (wrong.interpolated, "only interpolated"),
    ],
)
def test_a_slot_that_does_it_wrong_is_refused_and_so_is_its_swap(
    stack: PretendStack, front: Front, alter: Any, said: str
) -> None:
    front.alter = alter
    with pytest.raises(CommandError, match=f"green with v2 failed: .*{said}"):
        verify("dev")
    (report,) = stack.kept()
    assert report["passed"] is False
    with pytest.raises(CommandError, match="failed its verification"):
        check_verified("dev")
    front.alter = None
    verify("dev")
    check_verified("dev")


def keep_record(stack: PretendStack, **changed: float | None) -> None:
    """A report that blue passed, with figures of its own."""
    verify("dev")
    green, blue = stack.kept()[-1], stack.candidate("blue")
    report = {**green, "slot": "blue", "tag": "v1", "image": blue.image, "task": blue.task}
    report["figures"] = {**green["figures"], **changed}
    cloud = Cloud("dev")
    Reports(cloud, cloud.require()).keep(blue, report)


def test_a_slot_much_slower_than_the_active_one_is_refused(
    stack: PretendStack, front: Front, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_record(stack)
    verify("dev")
    assert "Compared with v1 of" in capsys.readouterr().out
    assert stack.kept()[-1]["compared_with"] == "v1"

    def slow(path: str, body: Any) -> None:
        if path == "/tts/generate_batch":
            threading.Event().wait(2.5)

    front.alter = slow
    with pytest.raises(CommandError, match=r"failed: speech, work .* by the active slot's"):
        verify("dev")


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("transcription_word_errors", "transcription, word errors"),
        ("speech_word_errors", "speech, word errors"),
        ("alignment_median", "alignment, median"),
    ],
)
def test_a_slot_worse_than_the_active_one_is_refused_within_the_absolute_limits(
    stack: PretendStack, figure: str, said: str
) -> None:
    keep_record(stack, **{figure: -0.05})
    with pytest.raises(CommandError, match=f"failed: {said}[^;]*by the active slot's"):
        verify("dev")


def test_a_record_of_another_golden_set_says_nothing(
    stack: PretendStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_record(stack, alignment_median=-1.0)
    report = stack.kept()[-1]
    cloud, blue = Cloud("dev"), stack.candidate("blue")
    Reports(cloud, cloud.require()).keep(blue, {**report, "golden": "older", "at": "2030-01-01"})
    verify("dev")
    assert "absolute limits only" in capsys.readouterr().out


def test_a_task_of_an_earlier_deploy_is_not_verified(stack: PretendStack) -> None:
    stack.deploy(tag="v3")
    with pytest.raises(CommandError, match="green runs v2, and v3 is deployed"):
        verify("dev")
    assert stack.kept() == []


def test_without_a_digest_the_report_holds_for_the_tag_and_says_so(
    stack: PretendStack, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.lose("v2")
    verify("dev")
    (report,) = stack.kept()
    assert (report["digest"], report["image"]) == ("unknown", "tag v2")
    assert "holds for the tag" in capsys.readouterr().out
    check_verified("dev")


def test_a_sleeping_slot_is_started_and_waited_for(
    stack: PretendStack, front: Front, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(starting, "LOOK_SECONDS", 0.001)
    front.asleep = True
    verify("dev")
    assert front.started == [{"slot": "idle"}]
    assert "it stays on until its idle stop" in capsys.readouterr().out


def test_a_slot_that_cannot_be_started_from_here_says_how(
    stack: PretendStack, front: Front
) -> None:
    front.asleep, front.can_start = True, False
    with pytest.raises(CommandError, match=r"does not run, and /power/start answers 404.*runbook"):
        verify("dev")


def test_a_slot_that_does_not_get_ready_ends_the_wait(stack: PretendStack, front: Front) -> None:
    front.asleep, front.wakes = True, False
    with pytest.raises(CommandError, match=r"not ready after 0 minutes .* GreenUnreachable"):
        verify("dev", minutes=0)
    assert len(front.started) == 1
    assert stack.kept() == []


def test_an_answer_of_another_slot_is_not_taken(stack: PretendStack) -> None:
    stack.deploy(active="green")
    with pytest.raises(CommandError, match="was answered by green and not by blue"):
        verify("dev")


def test_the_key_goes_to_no_address_without_tls(stack: PretendStack) -> None:
    with pytest.raises(CommandError, match="is not https"):
        verify("dev", url="http://gpu.example.org")


def test_a_stack_without_a_place_for_reports_says_so(stack: PretendStack) -> None:
    stack.deploy(reports=False)
    with pytest.raises(CommandError, match="no output ReportsBucket: deploy this version once"):
        verify("dev")
