"""The `cuda` transcriber: the real whisperx with Whisper tiny.en."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.models.hearing_loaded import (
    long_recording,
    model_folder,
    new_tone_aligner,
    outcomes,
    quietly,
    recordings,
    transcriber,
    word_errors,
)
from tests.models.random_ears import make_random_ears
from voicehost.engines.cuda.card import Card
from voicehost.engines.cuda.hearing.transcriber import CudaTranscriber
from voicehost.engines.cuda.hearing.whisper_loading import CPU_CHUNKS, chunks_that_fit
from voicehost.engines.protocol import (
    HEARING_RATE,
    Audio,
    EngineLost,
    LoadError,
    TranscribeInput,
    Transcript,
)
from voicehost.errors import EngineFault
from voicehost.queueing.ticket import Ticket


def heard(audio: Audio) -> Transcript:
    (transcript,), _ = outcomes(transcriber(), TranscribeInput(audio))
    assert isinstance(transcript, Transcript)
    return transcript


def text_of(audio: Audio) -> str:
    return heard(audio).text


@pytest.fixture
def forward(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many chunks Whisper got in each of its passes."""
    model = transcriber()._pipeline.model
    real = model.generate_segment_batched
    sizes: list[int] = []

    def noted(features: Any, *arguments: Any, **named: Any) -> Any:
        sizes.append(len(features))
        return real(features, *arguments, **named)

    monkeypatch.setattr(model, "generate_segment_batched", noted)
    return sizes


@pytest.fixture
def chunks() -> Iterator[None]:
    """What a test does to the engine's batch of chunks is undone."""
    before = transcriber().size.now
    yield
    transcriber().size.now = before


def test_recordings_are_written_down() -> None:
    for said, audio in recordings().items():
        assert word_errors(text_of(audio), said) <= 0.1


def test_long_audio_is_written_down_to_its_end(forward: list[int]) -> None:
    said = " ".join(recordings()) + " " + " ".join(recordings())
    assert word_errors(text_of(long_recording(2)), said) <= 0.1
    assert forward == [2]


def test_segments_say_when_their_part_of_the_text_is_said() -> None:
    transcript = heard(long_recording(3))
    assert len(transcript.segments) >= 2
    assert " ".join(segment.text for segment in transcript.segments) == transcript.text
    reached = 0.0
    for segment in transcript.segments:
        assert reached <= segment.start < segment.end <= len(long_recording(3)) / HEARING_RATE
        reached = segment.end
    last = transcript.segments[-1]
    again = text_of(long_recording(3)[int(last.start * HEARING_RATE) :])
    assert word_errors(again, last.text) <= 0.1


@pytest.mark.parametrize("samples", [0, 1, 160, 1600, 16_000, 80_000])
@pytest.mark.parametrize("level", [0.0, 1e-4, 0.1])
def test_where_nobody_speaks_the_text_is_empty(samples: int, level: float) -> None:
    noise = np.random.default_rng(samples).normal(0, level, samples).astype(np.float32)
    assert heard(noise) == Transcript("")


def test_a_caller_that_leaves_stops_whisper_before_its_next_pass(
    forward: list[int], chunks: None
) -> None:
    transcriber().size.now = 1

    def leave(ticket: Ticket) -> None:
        if forward:
            ticket.abandon()

    assert outcomes(transcriber(), TranscribeInput(long_recording(2)), on_step=leave) == ([], [])
    assert forward == [1]
    said, audio = next(iter(recordings().items()))
    assert word_errors(text_of(audio), said) <= 0.1


def test_a_caller_that_leaves_early_costs_no_pass_of_whisper(forward: list[int]) -> None:
    steps: list[Ticket] = []

    def leave(ticket: Ticket) -> None:
        steps.append(ticket)
        if len(steps) == 2:
            ticket.abandon()

    given = outcomes(transcriber(), TranscribeInput(long_recording(1)), on_step=leave)
    assert given == ([], [])
    assert forward == []


def short_of_memory(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Whisper finds no memory for more than `most` chunks at once."""
    model = transcriber()._pipeline.model
    real = model.generate_segment_batched

    def forward(features: Any, *arguments: Any, **named: Any) -> Any:
        if len(features) > most:
            raise RuntimeError("CUDA failed with error out of memory")
        return real(features, *arguments, **named)

    monkeypatch.setattr(model, "generate_segment_batched", forward)


def test_short_of_memory_the_batch_is_halved_and_stays_so(
    monkeypatch: pytest.MonkeyPatch, chunks: None
) -> None:
    short_of_memory(monkeypatch, 1)
    transcriber().size.now = 2
    (transcript,), counted = outcomes(transcriber(), TranscribeInput(long_recording(2)))
    assert word_errors(transcript.text, " ".join([*recordings()] * 2)) <= 0.1
    assert counted == ["OutOfMemory"]
    assert transcriber().size.now == 1


def test_without_memory_for_one_chunk_the_item_fails_and_the_next_does_not(
    monkeypatch: pytest.MonkeyPatch, chunks: None
) -> None:
    said, audio = next(iter(recordings().items()))
    with monkeypatch.context() as patch:
        short_of_memory(patch, 0)
        (outcome,), counted = outcomes(transcriber(), TranscribeInput(audio))
    assert isinstance(outcome, EngineFault)
    assert "memory" in outcome.message
    assert set(counted) == {"OutOfMemory"}
    assert word_errors(text_of(audio), said) <= 0.1


def test_other_faults_are_not_taken_for_a_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any) -> Any:
        raise RuntimeError("CUDA failed with error an illegal memory access was encountered")

    monkeypatch.setattr(transcriber()._pipeline.model, "generate_segment_batched", broken)
    with pytest.raises(EngineLost):
        outcomes(transcriber(), TranscribeInput(next(iter(recordings().values()))))


def test_chunks_follow_the_servers_share_of_the_card() -> None:
    def fit(limit_mib: int) -> int:
        return chunks_that_fit(Card("cuda:0", "GPU", (7, 5), limit_mib), 2950)

    assert [fit(mib) for mib in (2000, 4100, 5120, 9000, 48_000)] == [1, 1, 3, 16, 16]
    assert chunks_that_fit(Card("cpu", None, None, 0), 75) == CPU_CHUNKS


def test_nothing_asks_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def refuse(*arguments: Any, **named: Any) -> Any:
        asked.append(arguments)
        raise OSError("no network in this test")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    engine = CudaTranscriber(model_folder() / "asr", device="cpu")
    engine.load(quietly)
    said, audio = next(iter(recordings().items()))
    (transcript,), _ = outcomes(engine, TranscribeInput(audio))
    aligner = new_tone_aligner()
    outcomes(aligner, aligner.sample())
    assert word_errors(transcript.text, said) <= 0.1
    assert asked == []


def test_it_says_what_it_is() -> None:
    engine = transcriber()
    assert (engine.model, engine.languages) == ("tiny.en", ("en",))
    assert (engine.device, engine.gpu_name) == ("cpu", None)
    assert len(engine.sample().audio) == HEARING_RATE


def whisper_like(folder: Path, vocabulary: int, codes: list[str]) -> Path:
    """A folder with what is read of a checkpoint before it is loaded."""
    folder.mkdir()
    (folder / "vocabulary.json").write_text(json.dumps(["x"] * vocabulary))
    words = ["<|endoftext|>", "<|transcribe|>", *(f"<|{code}|>" for code in codes)]
    (folder / "tokenizer.json").write_text(
        json.dumps({"added_tokens": [{"content": w} for w in words]})
    )
    (folder / "weights.json").write_text('{"model": "Systran/faster-whisper-large-v3"}')
    return folder


def test_languages_are_those_of_the_checkpoint_by_todays_codes(tmp_path: Path) -> None:
    many = whisper_like(tmp_path / "many", 51_866, ["en", "de", "jw", "haw"])
    engine = CudaTranscriber(many, device="cpu", language="de")
    assert engine.languages == ("de", "en", "haw", "jv")
    assert engine.model == "large-v3"
    one = whisper_like(tmp_path / "one", 51_864, ["en", "de", "jw", "haw"])
    assert CudaTranscriber(one, device="cpu").languages == ("en",)


def test_a_checkpoint_for_all_languages_writes_them_down(tmp_path: Path) -> None:
    make_random_ears(tmp_path / "ears")
    engine = CudaTranscriber(tmp_path / "ears", device="cpu", language="de")
    engine.load(quietly)
    assert engine.languages[0] == "de"
    assert {"en", "zh", "jv"} <= set(engine.languages)
    audio = next(iter(recordings().values()))
    for language in ("de", "zh", "jv"):
        (transcript,), _ = outcomes(engine, TranscribeInput(audio, language))
        assert transcript.text
        parts = [segment.text for segment in transcript.segments]
        assert transcript.text == ("" if language == "zh" else " ").join(parts)


def damaged(tmp_path: Path) -> Path:
    return Path(shutil.copytree(model_folder() / "asr", tmp_path / "asr"))


def why_not(folder: Path, language: str = "en") -> str:
    with pytest.raises(LoadError) as error:
        CudaTranscriber(folder, device="cpu", language=language).load(quietly)
    return str(error.value)


@pytest.mark.parametrize("missing", ["model.bin", "config.json", "tokenizer.json"])
def test_a_missing_file_is_named_with_its_setting(tmp_path: Path, missing: str) -> None:
    folder = damaged(tmp_path)
    (folder / missing).unlink()
    for part in (missing, str(folder), "VOICE_ASR_MODEL"):
        assert part in why_not(folder)


def test_a_missing_folder_is_named_with_its_setting(tmp_path: Path) -> None:
    assert "VOICE_ASR_MODEL" in why_not(tmp_path / "nothing")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    folder = damaged(tmp_path)
    with (folder / "model.bin").open("r+b") as file:
        file.truncate(1_000_000)
    assert str(folder) in why_not(folder)


def test_weights_that_are_no_numbers_are_noticed(tmp_path: Path) -> None:
    folder = damaged(tmp_path)
    with (folder / "model.bin").open("r+b") as file:
        file.seek(20_000_000)
        file.write(b"\x7e\x7e" * 1_000_000)
    assert "no numbers" in why_not(folder)


def test_a_default_language_that_the_checkpoint_lacks_is_refused_at_the_start() -> None:
    assert "VOICE_LANGUAGE is de" in why_not(model_folder() / "asr", "de")
