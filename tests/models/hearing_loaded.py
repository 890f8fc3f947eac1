"""Both ears of the `cuda` family, loaded once for all tests of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

import nltk
import numpy as np

from tests.models.cached import cached
from tests.models.hearing_tones import make_tone_models
from tests.models.make import make_models
from voicehost.audio.decode import from_file
from voicehost.engines.cuda.hearing.aligner import CudaAligner
from voicehost.engines.cuda.hearing.transcriber import CudaTranscriber
from voicehost.engines.protocol import Audio, Engine
from voicehost.queueing.batch import Batch
from voicehost.queueing.ticket import Ticket

GOLDEN = Path(__file__).parents[2] / "operate/verify/golden"


def quietly(what: str, fraction: float) -> None:
    assert what
    assert 0 <= fraction <= 1


@cache
def model_folder() -> Path:
    models = cached("models", make_models)
    nltk.data.path.insert(0, str(models / "nltk"))
    return models


@cache
def tone_folder() -> Path:
    return cached("tones", make_tone_models)


@cache
def transcriber() -> CudaTranscriber:
    """Whisper tiny.en, which knows English."""
    engine = CudaTranscriber(model_folder() / "asr", device="cpu")
    engine.load(quietly)
    return engine


@cache
def tone_aligner() -> CudaAligner:
    """Hears tones: see hearing_tones."""
    return new_tone_aligner()


def new_tone_aligner(folder: Path | None = None, language: str = "en") -> CudaAligner:
    model_folder()
    engine = CudaAligner(folder or tone_folder(), device="cpu", language=language)
    engine.load(quietly)
    return engine


@cache
def recordings() -> dict[str, Audio]:
    """The golden recordings by what is said in them."""
    known = json.loads((GOLDEN / "golden.json").read_text())["recordings"]
    return {part["text"]: from_file((GOLDEN / part["file"]).read_bytes(), 60) for part in known}


def long_recording(times: int) -> Audio:
    """All recordings one after the other, so many times; each time is 19 s."""
    return np.concatenate([*recordings().values()] * times)


def outcomes(
    engine: Engine, *payloads: Any, on_step: Callable[[Ticket], None] = lambda ticket: None
) -> tuple[list[Any], list[str]]:
    """What an engine makes of inputs that come as from the scheduler, and what it counted."""
    ticket = Ticket(payloads, key="", keep_going=True)
    counted: list[str] = []
    for work in ticket.works:
        engine.run(Batch([work], on_step=lambda: on_step(ticket), on_event=counted.append))
    return ticket.outcomes() if ticket.error is None else [], counted


def word_errors(heard: str, said: str) -> float:
    """The share of the said words that were not heard in their order."""

    def plain(text: str) -> list[str]:
        return "".join(c for c in text.lower() if c.isalnum() or c.isspace()).split()

    want = plain(said)
    same: Sequence[Any] = SequenceMatcher(None, want, plain(heard), False).get_matching_blocks()
    found = sum(int(block.size) for block in same)
    return 1 - found / len(want)
