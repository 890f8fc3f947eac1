"""The benchmark for GPUs runs, and its checkpoints have the published models' sizes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from qwen_tts.core.models import Qwen3TTSForConditionalGeneration
from transformers import WhisperForConditionalGeneration

from bench.gpu.findings import by_batch, table
from bench.gpu.sizes import EARS, VOICE
from bench.gpu.voices import FORMATS
from tests.models import random_ears, text_tokenizer, tiny_voice
from tests.models.cached import cached
from tests.models.tiny_voice import make_voice
from voicehost.engines.cuda.speech.frames import frame_cap
from voicehost.engines.step_cost import FRAMES_PER_SECOND

ROOT = Path(__file__).parents[2]


def test_the_voice_has_the_published_number_of_weights(tmp_path: Path) -> None:
    config = tiny_voice._config(text_tokenizer.write_tokenizer(tmp_path), VOICE)
    with torch.device("meta"):
        model = Qwen3TTSForConditionalGeneration(config)
    weights = sum(weight.numel() for weight in model.parameters())
    assert weights == pytest.approx(1.92e9, rel=0.01)


def test_the_ears_have_the_published_number_of_weights(tmp_path: Path) -> None:
    words = random_ears._write_tokenizer(tmp_path)
    assert len(words) == 51_866
    with torch.device("meta"):
        model = WhisperForConditionalGeneration(random_ears._config(EARS, words))
    weights = sum(weight.numel() for weight in model.parameters())
    assert weights == pytest.approx(1.543e9, rel=0.01)


def test_a_round_measures_each_batch_of_each_format(tmp_path: Path) -> None:
    voice = cached("endless", lambda folder: make_voice(folder, ends=False))
    (tmp_path / "tts").symlink_to(voice)
    command = [sys.executable, "-m", "bench.gpu.one_round", str(tmp_path), "--device", "cpu"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "containers/voice")}
    rounds = {}
    for formats in FORMATS:
        words = [*command, "--formats", formats, "--text", "Hi.", "--batches", "1", "3"]
        done = subprocess.run(
            words, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        rounds[formats] = json.loads(done.stdout.splitlines()[-1])
    for one in rounds.values():
        assert [batch["rows"] for batch in one["batches"]] == [1, 3]
        for batch in one["batches"]:
            seconds = frame_cap("Hi.") / FRAMES_PER_SECOND * batch["rows"]
            assert batch["audio_seconds"] == pytest.approx(seconds)
            assert batch["rate"] == pytest.approx(batch["audio_seconds"] / batch["seconds"])
    told = table({name: by_batch([one]) for name, one in rounds.items()})
    assert len(told.splitlines()) == 1 + 2 * len(FORMATS)
