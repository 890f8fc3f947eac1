"""What happens when the GPU really has no memory left: PyTorch's limit is put below the need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bench.gpu.voices import speak
from voicehost.engines.cuda.card import MIB
from voicehost.engines.cuda.speech.voice import CudaVoice


def recover(voice: CudaVoice, texts: Sequence[str]) -> dict[str, Any] | None:
    """The same batch before, at and after a limit in the middle between the model and the batch's
    peak; None on a CPU, where PyTorch has no limit."""
    import torch

    if not torch.cuda.is_available() or not voice.device_in_use.startswith("cuda"):
        return None
    # Row by row, decoding takes less than generating, and the limit cuts into the batch itself.
    voice._tts.model.speech_tokenizer.decode.rows = 1
    torch.cuda.empty_cache()
    model = torch.cuda.memory_allocated()
    before = speak(voice, texts)
    limit = model + (before.allocated_mib * MIB - model) / 2
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(limit / total)
    rows = voice.rows
    at_limit = speak(voice, texts)
    after = speak(voice, texts)
    return {
        "limit_mib": limit / MIB,
        "model_mib": model / MIB,
        "rows_before": rows,
        "rows_after": voice.rows,
        "before": asdict(before),
        "at_limit": asdict(at_limit),
        "after": asdict(after),
    }
