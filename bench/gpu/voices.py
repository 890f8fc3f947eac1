"""The voice in the number formats that are compared, loaded in this process."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from voicehost.engines.cuda.card import MIB
from voicehost.engines.cuda.precision import Precision
from voicehost.engines.cuda.speech.voice import CudaVoice
from voicehost.engines.protocol import SPEECH_RATE, Speech, SpeechInput
from voicehost.queueing.batch import Batch
from voicehost.queueing.ticket import Ticket

BF16 = "bfloat16"
FP16 = "float16, code predictor float32"
FORMATS = {
    BF16: Precision("bfloat16", "bfloat16", "float16"),
    FP16: Precision("float16", "float32", "float16"),
}
# Twelve seconds of sound until its cap.
TEXT = "Good morning, and welcome to the first lesson."


@dataclass(frozen=True, slots=True)
class Spoken:
    """One batch: its size, what it took and how much PyTorch held at most."""

    rows: int
    seconds: float
    audio_seconds: float
    allocated_mib: float
    reserved_mib: float
    events: dict[str, int]

    @property
    def rate(self) -> float:
        return self.audio_seconds / self.seconds


def load_voice(folder: Path, formats: str, *, device: str, rows: int) -> CudaVoice:
    with patch(
        "voicehost.engines.cuda.speech.loading.precision_for", lambda capability: FORMATS[formats]
    ):
        voice = CudaVoice(
            folder / "tts", device=device, speaker="Aiden", language="en", limit_mib=0,
            rows=rows, piece_characters=300,
        )  # fmt: skip
        voice.load(lambda what, fraction: None)
    return voice


def speak(voice: CudaVoice, texts: Sequence[str]) -> Spoken:
    """All texts as one batch. Raises what the engine raises for one of them."""
    import torch

    ticket = Ticket([SpeechInput(text, seed=n) for n, text in enumerate(texts)], key="")
    events: list[str] = []
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    began = time.perf_counter()
    voice.run(Batch(ticket.works, on_event=events.append))
    seconds = time.perf_counter() - began
    results: list[Speech] = ticket.outcomes()
    return Spoken(
        rows=len(texts),
        seconds=seconds,
        audio_seconds=sum(len(speech.audio) for speech in results) / SPEECH_RATE,
        allocated_mib=torch.cuda.max_memory_allocated() / MIB if on_gpu else 0.0,
        reserved_mib=torch.cuda.max_memory_reserved() / MIB if on_gpu else 0.0,
        events={name: events.count(name) for name in sorted(set(events))},
    )
