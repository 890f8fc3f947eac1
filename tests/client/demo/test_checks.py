"""The checks of the demo see what they are there to see, and its files fit together."""

import json
import wave
from pathlib import Path

import pytest
import webvtt

from examples.narration.checks import checks_of
from examples.narration.delivery import write_files
from examples.narration.options import NARRATION
from examples.narration.stages import Stage
from examples.narration.take import Take
from gpuvoice import Alignment, Clip, Word
from gpuvoice.narration import read_narration
from gpuvoice.narration.sound import SAMPLE_RATE_HZ, Recording, join, read_wav
from gpuvoice.narration.word_errors import compare

# The normalizer's source holds "\X", of which Python warns when it compiles it.
pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence")

NARRATION_READ = read_narration(NARRATION)
TEXTS = [segment.text for segment in NARRATION_READ.segments]


def hum(seconds: float) -> Recording:
    return Recording(b"\x01\x00" * round(seconds * SAMPLE_RATE_HZ))


def words_of(text: str) -> tuple[Word, ...]:
    step = 0.25
    words = enumerate(text.split())
    return tuple(Word(word, n * step, (n + 1) * step, 0.9) for n, word in words)


def take_of(
    *,
    recordings: list[Recording] | None = None,
    heard: list[str] | None = None,
    alignments: list[Alignment] | None = None,
) -> Take:
    recordings = recordings or [hum(0.25 * len(text.split())) for text in TEXTS]
    comparisons = [compare(text, h) for text, h in zip(TEXTS, heard or TEXTS, strict=True)]
    alignments = alignments or [Alignment(words_of(text)) for text in TEXTS]
    return Take(
        NARRATION_READ,
        Stage("generate", [Clip(r.wav(), r.rate) for r in recordings], 1.0),
        Stage("verify", comparisons, 1.0),
        Stage("align", alignments, 1.0),
    )


def broken(take: Take) -> list[str]:
    checks = checks_of(take, max_wer=0.08, max_segment_wer=0.5)
    return [check.found for check in checks if not check.kept]


def test_a_faultless_take_passes() -> None:
    assert broken(take_of()) == []


def test_two_recordings_in_each_others_place_are_found() -> None:
    heard = list(TEXTS)
    heard[5], heard[6] = heard[6], heard[5]
    (found,) = broken(take_of(heard=heard))
    assert "s06, s07" in found


def test_many_small_errors_are_found() -> None:
    heard = [" ".join(text.split()[:-6]) if len(text) > 60 else text for text in TEXTS]
    assert "overall word error rate" in broken(take_of(heard=heard))[0]


def test_silence_is_no_speech() -> None:
    recordings = [hum(30.0) for _ in TEXTS]
    recordings[2] = Recording(bytes(48_000))
    assert "46 of 47" in broken(take_of(recordings=recordings))[0]


def _without_last(words: tuple[Word, ...]) -> Alignment:
    return Alignment(words[:-1])


def _exchanged(words: tuple[Word, ...]) -> Alignment:
    return Alignment((words[1], words[0], *words[2:]))


def _backwards(words: tuple[Word, ...]) -> Alignment:
    return Alignment((*words[:-1], Word(words[-1].word, 0.0, 0.0, 0.0, aligned=False)))


def _too_late(words: tuple[Word, ...]) -> Alignment:
    return Alignment(tuple(word.later(1.0) for word in words))


def _failed(words: tuple[Word, ...]) -> Alignment:
    return Alignment((), "the audio is empty")


@pytest.mark.parametrize("spoil", [_without_last, _exchanged, _backwards, _too_late, _failed])
def test_words_out_of_place_are_found(spoil: object) -> None:
    assert callable(spoil)
    alignments = [Alignment(words_of(text)) for text in TEXTS]
    alignments[3] = spoil(alignments[3].words)
    (found,) = broken(take_of(alignments=alignments))
    assert "1 segments at fault: s04" in found


def test_the_files_of_a_take_fit_together(tmp_path: Path) -> None:
    (tmp_path / "99_old.wav").write_bytes(b"")
    take = take_of()
    write_files(take, tmp_path, gap_s=0.4)
    entries = json.loads((tmp_path / "alignment.json").read_text())
    assert [entry["text"] for entry in entries] == TEXTS
    for entry in entries:
        assert [word["word"] for word in entry["words"]] == entry["text"].split()
        recording = read_wav((tmp_path / entry["wav"]).read_bytes())
        assert recording.duration_s == pytest.approx(entry["duration"], abs=0.001)
    assert len(list(tmp_path.glob("*.wav"))) == len(TEXTS) + 1
    with wave.open(str(tmp_path / "narration.wav")) as whole:
        audio_s = whole.getnframes() / whole.getframerate()
    assert audio_s == pytest.approx(take.audio_s + 0.4 * (len(TEXTS) - 1), abs=0.001)
    cues = webvtt.read(str(tmp_path / "narration.vtt"))
    assert cues[-1].end_in_seconds <= audio_s


def test_recordings_are_joined_with_the_gap_between_them() -> None:
    whole, starts = join([hum(1.0), hum(2.0), hum(0.5)], gap_s=0.4)
    assert starts == pytest.approx([0.0, 1.4, 3.8])
    assert whole.duration_s == pytest.approx(4.3)
    assert read_wav(whole.wav()) == whole
