"""How the servers are told to run checkpoints of a folder."""

from __future__ import annotations

from pathlib import Path


def with_models(models: Path, device: str = "cpu") -> dict[str, str]:
    """Environment variables for a folder like an image's /models."""
    return {
        "VOICE_ENGINE": "cuda",
        "VOICE_DEVICE": device,
        "VOICE_TTS_MODEL": str(models / "tts"),
        "VOICE_ASR_MODEL": str(models / "asr"),
        "VOICE_ALIGN_MODELS": str(models / "align"),
        "NLTK_DATA": str(models / "nltk"),
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "PYANNOTE_METRICS_ENABLED": "0",
        "VOICE_CPU_THREADS": "1",
        "VOICE_START_SECONDS": "120",
    }
