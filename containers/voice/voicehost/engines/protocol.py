"""What an engine is. It knows nothing of HTTP; the scheduler thread alone calls it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from voicehost.queueing.batch import Batch

Audio = NDArray[np.float32]
Report = Callable[[str, float], None]

SPEECH_RATE = 24_000
HEARING_RATE = 16_000


class LoadError(Exception):
    """A model cannot be loaded; the message says what is wrong to whoever runs the server."""


class EngineLost(Exception):
    """Nothing will work in this process any more; it must be started anew."""


@dataclass(frozen=True, slots=True)
class SpeechInput:
    """One piece of text to speak. The result is `Speech`.

    `language` is an ISO 639-1 code; `seed` (0 to 2**32 - 1) makes models that sample repeat
    themselves; `voice` is one of the engine's, and its own speaker's when empty.
    """

    text: str
    instruct: str = ""
    language: str = "en"
    seed: int = 0
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Speech:
    """Mono `audio` at 24 kHz, -1 to 1; `complete` is False where it was cut off because the model
    found no end."""

    audio: Audio
    complete: bool = True


@dataclass(frozen=True, slots=True)
class TranscribeInput:
    """Mono audio at 16 kHz. The result is a `Transcript`."""

    audio: Audio
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Segment:
    """What is said from `start` to `end`, in seconds from the start of the audio."""

    start: float
    end: float
    text: str


@dataclass(frozen=True, slots=True)
class Transcript:
    """`text` is all that is said; `segments` are its parts, in order and within the audio."""

    text: str
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class AlignInput:
    """Mono audio at 16 kHz and its text. The result is `list[AlignedWord]`."""

    audio: Audio
    text: str
    language: str = "en"


class Engine(Protocol):
    """One model, or several that work as one.

    `rows` is the largest batch; `refills` says that rows may join a running batch between
    steps. `languages` are the ISO 639-1 codes it takes. `fingerprint` tells results of this model
    from those of any other; None before it is loaded, and where nothing can tell.
    """

    name: str
    model: str
    device: str
    gpu_name: str | None
    refills: bool
    languages: tuple[str, ...]

    @property
    def rows(self) -> int: ...

    @property
    def fingerprint(self) -> str | None: ...

    def load(self, report: Report) -> None:
        """Import and load the model. `report(what, fraction)` shows progress. May raise."""

    def sample(self) -> Any:
        """A small input; the server is ready once it has made the first result."""

    def run(self, batch: Batch) -> None:
        """Work on `batch.rows` until all are finished, failed or no longer wanted.

        Raising fails every row that is left; the engine must stay usable, or raise EngineLost.
        """


class OneByOne:
    """What engines have in common that take one English input at a time, without a GPU."""

    device = "cpu"
    gpu_name: str | None = None
    rows = 1
    refills = False
    languages: tuple[str, ...] = ("en",)
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks by default, as `/health` shows it."""

    name: str
    language: str


class SpeechEngine(Engine, Protocol):
    """`samples` says that another seed gives another take of a text. `voices` are the names that a
    text may ask for, the speaker's own first; known before anything is loaded.
    """

    speaker: Speaker
    voices: tuple[str, ...]
    samples: bool


@dataclass(frozen=True, slots=True)
class HearingEngines:
    """The two models of the WhisperX server. Alignment never waits for transcription."""

    transcriber: Engine
    aligner: Engine
