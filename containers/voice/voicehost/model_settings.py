"""Settings of the models on a GPU: where they lie, what they may use, and a team's own server."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class ModelSettings(BaseSettings):
    """Part of VoiceHostSettings; only the `cuda` family and adopted servers look at these."""

    device: Literal["cuda", "cpu"] = Field(
        "cuda",
        description="Where the `cuda` family computes. On `cpu` the same code runs slowly, which "
        "small checkpoints are for.",
    )
    tts_model: Path = Field(
        Path("/models/tts"),
        description="Folder of the Qwen3-TTS CustomVoice checkpoint. Nothing is ever downloaded.",
    )
    asr_model: Path = Field(
        Path("/models/asr"), description="Folder of the Whisper checkpoint, in CTranslate2's form."
    )
    align_models: Path = Field(
        Path("/models/align"),
        description="Folder with one wav2vec2 checkpoint for each language, in a folder that is "
        "named by its ISO 639-1 code: `en`, `de`.",
    )
    align_models_kept: int = Field(
        2, ge=1, le=32, description="Alignment models held in memory; the longest unused one goes."
    )
    align_seconds: float = Field(
        300,
        gt=0,
        description="Longest audio file to align with the `cuda` family, in seconds: finding the "
        "words takes time and memory that grow with its length times the letters of its text.",
    )
    speaker: str = Field("Aiden", description="Speaker of the Qwen3-TTS checkpoint.")
    language: str = Field(
        "en", description="Language spoken when a request names none: an ISO 639-1 code."
    )
    tts_greedy: bool = Field(
        False,
        description="Whether the voice takes the likeliest sound always: a flat voice that says a "
        "text the same way every time, for comparisons.",
    )
    tts_gpu_mib: int = Field(
        0,
        ge=0,
        description="GPU memory that the text-to-speech server may use, in MiB; 0 takes 55 % "
        "of the card.",
    )
    whisperx_gpu_mib: int = Field(
        0,
        ge=0,
        description="GPU memory that the WhisperX server may use, in MiB; 0 takes a third of the "
        "card.",
    )
    gpu_metrics: bool = Field(
        True, description="Whether the GPU's figures are published, where there is a GPU."
    )
    tts_app: str = Field(
        "",
        description="A Flask module of your own in the place of the text-to-speech server: "
        "`/srv/team/server.py` or a module's name. It has an `app` and an `initialize_model`.",
    )
    whisperx_app: str = Field("", description="The same in the place of the WhisperX server.")
