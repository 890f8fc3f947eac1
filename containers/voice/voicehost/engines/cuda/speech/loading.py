"""A Qwen3-TTS checkpoint from its folder into the card's memory."""

from __future__ import annotations

import contextlib
import io
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voicehost.engines.cuda.card import Card
from voicehost.engines.cuda.checkpoints import require, why_not
from voicehost.engines.cuda.precision import Precision, precision_for
from voicehost.engines.cuda.speech import formats
from voicehost.engines.protocol import LoadError, Report


@dataclass(frozen=True, slots=True)
class Loaded:
    """`tts` is a qwen_tts.Qwen3TTSModel."""

    tts: Any
    precision: Precision


def load_voice(folder: Path, card: Card, speaker: str, report: Report) -> Loaded:
    """Raises LoadError for anything that keeps the checkpoint from speaking with this speaker."""
    require(folder, variable="VOICE_TTS_MODEL", needs="config.json")
    precision = precision_for(card.capability)
    report("importing qwen-tts", 0.1)
    # Advice about packages that it does without, and each default that it takes: not for our log.
    for name, level in (("sox", logging.ERROR), ("qwen_tts", logging.WARNING)):
        logging.getLogger(name).setLevel(level)
    with contextlib.redirect_stdout(io.StringIO()):
        import torch
        from qwen_tts import Qwen3TTSModel, Qwen3TTSTokenizer
        from transformers import AutoProcessor
        from transformers.utils.logging import set_verbosity_error

    set_verbosity_error()
    report("loading the voice", 0.4)
    try:
        tts = Qwen3TTSModel.from_pretrained(
            str(folder),
            device_map=card.device,
            dtype=getattr(torch, precision.talker),
            attn_implementation="sdpa",
            local_files_only=True,
        )
        # The package asks for another checkpoint's fix of word boundaries, which transformers
        # applies to local folders only, and which spells "YouTube" in other tokens.
        tts.processor = AutoProcessor.from_pretrained(str(folder), local_files_only=True)
        # The decoder in float32 from its file; the package has read it in the talker's format.
        decoder = Qwen3TTSTokenizer.from_pretrained(
            str(folder / "speech_tokenizer"), device_map=card.device, dtype=torch.float32
        )
        tts.model.load_speech_tokenizer(decoder)
    except Exception as error:
        raise LoadError(why_mute(folder, error)) from error
    kind = tts.model.tts_model_type
    if kind != "custom_voice":
        raise LoadError(f"{folder} is a '{kind}' checkpoint; a CustomVoice one is needed.")
    speakers = tts.get_supported_speakers() or []
    if speaker.lower() not in speakers:
        raise LoadError(f"VOICE_SPEAKER is {speaker}, and the voice has {', '.join(speakers)}.")
    formats.apply(tts.model, precision)
    return Loaded(tts, precision)


def why_mute(folder: Path, error: BaseException) -> str:
    """A sentence about what keeps the checkpoint from speaking."""
    return why_not(folder, error, kind="Qwen3-TTS", limit="VOICE_TTS_GPU_MIB")
