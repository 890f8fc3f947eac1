"""The audio store tells checkpoints of the `cuda` family apart."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.models.variables import with_models
from voicehost.engines.families import hearing_engines, speech_engine
from voicehost.engines.protocol import Engine
from voicehost.settings import VoiceHostSettings


def settings(models: Path, monkeypatch: pytest.MonkeyPatch, **more: str) -> VoiceHostSettings:
    for name, value in {"VOICE_TTS_GREEDY": "false", **with_models(models), **more}.items():
        monkeypatch.setenv(name, value)
    # Read once, when the package is imported, which another test may have done.
    monkeypatch.setattr("nltk.data.path", [str(models / "nltk")])
    return VoiceHostSettings.from_env()


def loaded(engine: Engine) -> str:
    engine.load(lambda what, fraction: None)
    assert engine.fingerprint is not None
    return engine.fingerprint


def changed(models: Path, folder: Path, config: str) -> Path:
    """A copy of the checkpoints in which one file says the same in other bytes."""
    shutil.copytree(models, folder)
    file = folder / config
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")), indent=7))
    return folder


def test_a_voice_of_another_checkpoint_or_manner_is_another(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = changed(models, tmp_path / "models", "tts/generation_config.json")
    voices = [
        speech_engine(settings(models, monkeypatch)),
        speech_engine(settings(models, monkeypatch, VOICE_TTS_GREEDY="true")),
        speech_engine(settings(other, monkeypatch)),
    ]
    assert [voice.fingerprint for voice in voices] == [None] * 3
    assert len({loaded(voice) for voice in voices}) == 3
    assert loaded(speech_engine(settings(models, monkeypatch))) == voices[0].fingerprint


def test_ears_of_another_checkpoint_are_others(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ears = hearing_engines(settings(models, monkeypatch))
    first = loaded(ears.transcriber), loaded(ears.aligner)
    other = changed(models, tmp_path / "models", "asr/config.json")
    heard = hearing_engines(settings(other, monkeypatch))
    assert loaded(heard.transcriber) != first[0]
    assert loaded(heard.aligner) == first[1]
    placed = changed(models, tmp_path / "more", "align/de/config.json")
    assert loaded(hearing_engines(settings(placed, monkeypatch)).aligner) != first[1]
