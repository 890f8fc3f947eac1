"""Both ears in one process: each on its own thread, neither waiting for the other."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.models.hearing_loaded import (
    model_folder,
    new_tone_aligner,
    outcomes,
    recordings,
    tone_aligner,
    tone_folder,
    word_errors,
)
from tests.models.hearing_tones import spoken_in_tones
from tests.patience import until
from voicehost.engines.cuda.hearing.align_shelf import AlignShelf
from voicehost.engines.cuda.hearing.aligner import CudaAligner
from voicehost.engines.cuda.hearing.transcriber import CudaTranscriber
from voicehost.engines.protocol import AlignInput, TranscribeInput
from voicehost.errors import EngineFault
from voicehost.queueing.fair_queue import FairQueue
from voicehost.queueing.scheduler import Scheduler
from voicehost.queueing.ticket import Ticket
from voicehost.telemetry.metrics import Metrics

LONG = "one small step for a man and a giant leap for all of us who look up"
SAID = ["red apples fall", "green pears grow", "two plums", "no figs at all today"]


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Scheduler, Scheduler]]:
    """A transcriber and an aligner that loaded at the same time, as a server's do."""
    metrics = Metrics("whisperx")
    model_folder()
    engines = (
        CudaTranscriber(model_folder() / "asr", device="cpu"),
        CudaAligner(tone_folder(), device="cpu"),
    )
    schedulers = tuple(Scheduler(engine, FairQueue(100, 100), metrics) for engine in engines)
    for scheduler in schedulers:
        scheduler.start()
    until(lambda: all(scheduler.progress.ready for scheduler in schedulers), 120)
    yield schedulers[0], schedulers[1]
    for scheduler in schedulers:
        scheduler.close()


def asked(scheduler: Scheduler, payload: Any) -> Any:
    ticket = Ticket([payload], key="")
    scheduler.submit(ticket)
    assert ticket.wait(120)
    return ticket.outcomes()[0]


def test_four_callers_at_once_get_each_their_own(both: tuple[Scheduler, Scheduler]) -> None:
    transcribe, align = both

    def written(said: str) -> float:
        return word_errors(asked(transcribe, TranscribeInput(recordings()[said])).text, said)

    def placed(said: str) -> list[float]:
        audio, times = spoken_in_tones(said.split())
        words = asked(align, AlignInput(audio, said))
        pairs = zip(words, times, strict=True)
        return [abs(word.start - start) for word, (start, _) in pairs]

    with ThreadPoolExecutor(4) as callers:
        errors = callers.map(written, list(recordings()) * 2)
        shifts = list(callers.map(placed, SAID * 4))
        assert max(errors) <= 0.1
    assert max(max(shift) for shift in shifts) < 0.1


def test_alignment_does_not_wait_for_whisper(
    both: tuple[Scheduler, Scheduler], monkeypatch: pytest.MonkeyPatch
) -> None:
    transcribe, align = both
    engine = transcribe.engine
    assert isinstance(engine, CudaTranscriber)
    inside, go_on = threading.Event(), threading.Event()
    model = engine._pipeline.model
    real = model.generate_segment_batched

    def held(*arguments: Any, **named: Any) -> Any:
        inside.set()
        assert go_on.wait(60)
        return real(*arguments, **named)

    monkeypatch.setattr(model, "generate_segment_batched", held)
    said, audio = next(iter(recordings().items()))
    slow = Ticket([TranscribeInput(audio)], key="")
    transcribe.submit(slow)
    assert inside.wait(60)
    tones, _ = spoken_in_tones(["still", "here"])
    assert [word.aligned for word in asked(align, AlignInput(tones, "still here"))] == [True] * 2
    assert not slow.settled
    go_on.set()
    assert slow.wait(60)
    assert word_errors(slow.outcomes()[0].text, said) <= 0.1


def test_the_longest_unused_model_leaves_memory() -> None:
    shelf = AlignShelf(tone_folder(), kept=1)
    english = weakref.ref(shelf.model("en")._model)
    german = shelf.model("de")
    assert shelf.held == ("de",)
    assert english() is None
    assert shelf.model("de") is german


def test_models_in_use_stay_in_memory() -> None:
    shelf = AlignShelf(tone_folder(), kept=2)
    english = shelf.model("en")
    shelf.model("de")
    assert shelf.model("en") is english
    assert shelf.held == ("de", "en")


def test_languages_are_the_folders_with_a_checkpoint(tmp_path: Path) -> None:
    for name in ("sv", "de", "nope", "nl"):
        (tmp_path / name).mkdir()
    for name in ("sv", "de", "nope"):
        (tmp_path / name / "config.json").touch()
    (tmp_path / "readme.json").touch()
    assert CudaAligner(tmp_path, device="cpu", language="sv").languages == ("sv", "de")
    assert CudaAligner(tmp_path, device="cpu", language="en").languages == ("de", "sv")


def limited(engine: CudaAligner, most_seconds: float) -> Callable[[], None]:
    """The model finds no memory for longer audio in one pass; returns what undoes it."""

    def check(module: Any, arguments: Any) -> None:
        if arguments[0].shape[-1] > most_seconds * 16_000:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    undo: Callable[[], None] = (
        engine._shelf.model("en")._model.register_forward_pre_hook(check).remove
    )
    return undo


def test_short_of_memory_the_window_is_halved_and_stays_so() -> None:
    engine = new_tone_aligner()
    said = LONG.split() * 2
    audio, times = spoken_in_tones(said)
    limited(engine, 12.0)
    item = AlignInput(audio, " ".join(said))
    (words,), counted = outcomes(engine, item)
    assert counted == ["OutOfMemory"] * 2
    assert engine.size.now == 7.5
    assert all(abs(w.start - start) < 0.1 for w, (start, _) in zip(words, times, strict=True))
    assert outcomes(engine, item)[1] == []


def test_short_of_memory_other_languages_leave_first() -> None:
    engine = new_tone_aligner()
    audio, _ = spoken_in_tones(["zwölf"])
    outcomes(engine, AlignInput(audio, "zwölf", "de"))
    assert len(engine._shelf.held) == 2
    window = engine.size.now
    undo: list[Callable[[], None]] = []

    def once(module: Any, arguments: Any) -> None:
        undo.pop()()
        raise RuntimeError("CUDA out of memory.")

    undo.append(engine._shelf.model("en")._model.register_forward_pre_hook(once).remove)
    (words,), counted = outcomes(engine, AlignInput(audio, "zwolf"))
    assert [word.word for word in words] == ["zwolf"]
    assert counted == ["OutOfMemory"]
    assert [*engine._shelf.held] == ["en"]
    assert engine.size.now == window


def test_without_memory_for_any_window_the_item_fails_and_the_next_does_not() -> None:
    engine = new_tone_aligner()
    audio, _ = spoken_in_tones(["enough", "words"])
    undo = limited(engine, 0.0)
    (outcome,), _ = outcomes(engine, AlignInput(audio, "enough words"))
    assert isinstance(outcome, EngineFault)
    assert "memory" in outcome.message
    undo()
    (words,), counted = outcomes(engine, AlignInput(audio, "enough words"))
    assert [word.aligned for word in words] == [True, True]
    assert counted == []


def test_a_caller_that_leaves_stops_alignment_before_its_next_window() -> None:
    engine = tone_aligner()
    heard: list[int] = []
    undo = engine._shelf.model("en")._model.register_forward_pre_hook(
        lambda module, arguments: heard.append(arguments[0].shape[-1])
    )
    said = LONG.split() * 4
    audio, _ = spoken_in_tones(said)
    window, engine.size.now = engine.size.now, 5.0

    def leave(ticket: Ticket) -> None:
        if heard:
            ticket.abandon()

    try:
        item = AlignInput(audio, " ".join(said))
        assert outcomes(engine, item, on_step=leave) == ([], [])
        assert len(heard) == 1
    finally:
        engine.size.now = window
        undo.remove()


def test_a_caller_that_leaves_stops_alignment_before_its_next_segment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = tone_aligner()
    model = engine._shelf.model("en")
    real, placed = model.place, []

    def noted(words: Any, heard: Any) -> Any:
        placed.append(len(words))
        return real(words, heard)

    monkeypatch.setattr(model, "place", noted)
    said = LONG.split() * 6
    audio, _ = spoken_in_tones(said)

    def leave(ticket: Ticket) -> None:
        if placed:
            ticket.abandon()

    assert outcomes(engine, AlignInput(audio, " ".join(said)), on_step=leave) == ([], [])
    assert len(placed) == 1
