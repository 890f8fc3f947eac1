"""How a verification counts: words, sound, limits, GPU memory; and what the golden set is."""

from __future__ import annotations

import base64
import io
import re
import wave
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import soundfile
from moto import mock_aws
from numpy.typing import ArrayLike, NDArray

from bench.golden_recordings import RATE, RECORDED, SPOKEN, recording
from bench.voice_times import TimedVoice
from operate.cloud import Cloud, Deployed
from operate.failures import CommandError
from operate.verify.candidate import Candidate, candidate
from operate.verify.golden_set import FOLDER, golden_set
from operate.verify.limits import LIMITS, judge
from operate.verify.sound import read_sound
from operate.verify.vram import vram_percent
from operate.verify.words import error_rates, spoken_words
from tests.infrastructure.pretend_stack import publish
from tests.infrastructure.stacks_under_test import Stacks, stacks

GREEN = Candidate("green", "v2", "sha256:0", "task", gpu=True)


def wav(samples: ArrayLike, rate: int = 24000, channels: int = 1) -> str:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.asarray(samples, np.int16).tobytes())
    return base64.b64encode(out.getvalue()).decode()


@pytest.mark.parametrize(
    ("written", "heard", "rate"),
    [
        ("Press the green button.", "press the GREEN button", 0),
        ("It\u2019s well-known.", "It's well known!", 0),
        ("Press the green button.", "Press a green button.", 1 / 4),
        ("Press the green button.", "green button press the", 4 / 4),
        ("Press the green button.", "", 1),
        ("Press it.", "Please press it now and again.", 4 / 2),
    ],
)
def test_words_are_counted_without_case_and_punctuation(
    written: str, heard: str, rate: float
) -> None:
    assert error_rates([written], [heard]) == (rate, rate)


def test_the_worst_text_shows_where_the_whole_hides_it() -> None:
    written = ["One two three four five six seven eight nine.", "Ten."]
    rate, worst = error_rates(written, [written[0], "Then."])
    assert (rate, worst) == pytest.approx((0.1, 1.0))


def test_sound_is_measured_in_frames_and_samples() -> None:
    tone = (10_000 * np.sin(np.arange(24000) * 0.05)).astype(np.int16)
    found = read_sound(wav([*tone, *np.zeros(8000, np.int16)]))
    assert (found.rate, found.channels, found.bits) == (24000, 1, 16)
    assert found.seconds == pytest.approx(4 / 3)
    assert found.silence == pytest.approx(0.25, abs=0.02)
    assert found.clipped == 0
    assert read_sound(wav(np.where(np.arange(1000) < 100, 32767, 5))).clipped == pytest.approx(0.1)
    assert read_sound(wav([])).silence == 1.0


@pytest.mark.parametrize("text", ["", "!", base64.b64encode(b"RIFF").decode()])
def test_what_is_no_wav_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="no WAV file"):
        read_sound(text)


def failed(figures: Mapping[str, float | None], *, gpu: bool = True) -> list[str]:
    """The names of the checks that fail when these figures are so and all others good."""
    good: dict[str, float | None] = {
        limit.figure: limit.at_least if limit.at_most is None else 0.0 for limit in LIMITS
    }
    checks = judge({**good, **figures}, {}, gpu=gpu)
    return [check.name for check in checks if not check.passed]


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.figure)
def test_each_limit_refuses_beyond_itself_and_what_was_not_measured(limit: Any) -> None:
    assert failed({}) == []
    if limit.at_most is not None:
        assert failed({limit.figure: limit.at_most}) == []
        assert failed({limit.figure: limit.at_most + 0.001}) == [limit.words]
    if limit.at_least is not None:
        assert failed({limit.figure: limit.at_least - 0.001}) == [limit.words]
    assert failed({limit.figure: float("nan")}) == [limit.words]
    bounds = sum(bound is not None for bound in (limit.at_least, limit.at_most))
    assert failed({limit.figure: None}) == [limit.words] * bounds


def test_the_memory_of_a_gpu_is_judged_where_there_is_one_and_nowhere_else() -> None:
    for unfit in (None, 99.0):
        assert failed({"vram_percent": unfit}) == ["GPU memory"]
        assert failed({"vram_percent": unfit}, gpu=False) == []
    figures = {limit.figure: 0.05 for limit in LIMITS}
    for gpu in (True, False):
        judged = [check.name for check in judge(figures, {"vram_percent": 60.0}, gpu=gpu)]
        assert judged.count("GPU memory") == (2 if gpu else 0)


def test_the_active_slot_sets_the_pace() -> None:
    before = {"speech_seconds": 0.4, "vram_percent": 60.0, "speech_word_errors": 0.02}
    figures: dict[str, float | None] = {limit.figure: 0.05 for limit in LIMITS}
    for change, names in (
        ({"speech_seconds": 0.64, "vram_percent": 69.0}, []),
        ({"speech_seconds": 0.66}, ["speech, work"]),
        ({"vram_percent": 70.5}, ["GPU memory"]),
        ({"speech_word_errors": 0.07}, ["speech, word errors"]),
    ):
        checks = judge({**figures, **change}, before, gpu=True)
        assert [c.name for c in checks if not c.passed and "by the active" in c.limit] == names


def test_gpu_memory_is_what_the_slot_told_cloudwatch(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        cloud, now = Cloud("dev"), datetime.now(UTC)
        assert vram_percent(cloud, GREEN, now, wait_seconds=0) is None
        publish("GpuMemoryPercent", 99, slot="blue")
        assert vram_percent(cloud, GREEN, now, wait_seconds=0) is None
        assert vram_percent(cloud, replace(GREEN, gpu=False), now) is None
        publish("GpuMemoryPercent", 61, slot="green")
        publish("GpuMemoryPercent", 74, slot="green")
        assert vram_percent(cloud, GREEN, now) == 74


def loudness(sound: NDArray[np.int16]) -> NDArray[np.float64]:
    """Of each 10 ms."""
    frame = RATE // 100
    frames = sound[: len(sound) // frame * frame].reshape(-1, frame).astype(np.float64)
    levels: NDArray[np.float64] = np.sqrt((frames**2).mean(axis=1))
    return levels


def test_the_committed_recordings_are_the_voice_and_its_own_times() -> None:
    golden = golden_set()
    assert [each.text for each in golden.recordings] == list(RECORDED.values())
    assert golden.texts == SPOKEN
    for each in golden.recordings:
        assert len(each.starts) == len(each.text.split())
        sound, rate = soundfile.read(io.BytesIO(base64.b64decode(each.audio)), dtype="int16")
        assert (rate, len(sound) / rate) == (RATE, pytest.approx(each.seconds, abs=0.001))
    sound, starts = recording(TimedVoice(), golden.recordings[0].text)
    assert tuple(starts) == golden.recordings[0].starts
    kept, _ = soundfile.read(
        io.BytesIO(base64.b64decode(golden.recordings[0].audio)), dtype="int16"
    )
    # From one processor to another the voice's samples differ in phase, and its loudness does not.
    assert len(kept) == len(sound)
    assert np.corrcoef(loudness(kept), loudness(sound))[0, 1] > 0.99


def test_the_golden_set_is_small_and_says_nothing_that_can_be_written_two_ways() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 300_000
    golden = golden_set()
    for text in (*golden.texts, *(each.text for each in golden.recordings)):
        assert re.fullmatch(r"[A-Za-z ,.]+", text)
        assert spoken_words(text)


def test_any_change_is_another_golden_set(tmp_path: Any) -> None:
    for file in FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert golden_set(tmp_path).version == golden_set().version
    (tmp_path / "lamp.flac").write_bytes(b"other")
    assert golden_set(tmp_path).version != golden_set().version


def test_what_is_deployed_is_told_by_the_true_template(
    dev: Stacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    other = stacks(released={"slots": {"green": {"tag": "v2"}}})
    with mock_aws():
        cloud = Cloud("dev")
        blue, green = (
            candidate(cloud, Deployed({}, dev.service), slot) for slot in ("blue", "green")
        )
        new = candidate(cloud, Deployed({}, other.service), "green")
        same = candidate(cloud, Deployed({}, other.service), "blue")
    assert (green.tag, green.digest, green.image, green.gpu) == ("v1", "unknown", "tag v1", True)
    assert (new.tag, new.image) == ("v2", "tag v2")
    assert len({blue.task, green.task, new.task}) == 3
    assert same.task == blue.task


@pytest.mark.parametrize(
    ("servers", "gpu"),
    [
        ({}, True),
        ({"engine": "cpu", "gpus": 0}, False),
        ({"engine": "clock"}, False),
        ({"environment": {"VOICE_DEVICE": "cpu"}}, False),
    ],
)
def test_whether_the_engines_compute_on_a_gpu_is_told_by_the_true_template(
    servers: dict[str, Any], gpu: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    made = stacks({"servers": servers})
    with mock_aws():
        assert candidate(Cloud("dev"), Deployed({}, made.service), "green").gpu is gpu
