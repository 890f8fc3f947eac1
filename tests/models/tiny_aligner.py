"""wav2vec2 checkpoints of 0.1 MB for any alphabet; their times mean nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from transformers import (
    Wav2Vec2Config,
    Wav2Vec2CTCTokenizer,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
    Wav2Vec2Processor,
)

from tests.models.weights_note import note_weights
from voicehost.engines.protocol import HEARING_RATE

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# As the models that whisperx takes by default: capitals in English, small letters in German.
ALPHABETS = {"en": LETTERS + "'", "de": LETTERS.lower() + "äöüß"}
CONTROL = ["<pad>", "<s>", "</s>", "<unk>", "|"]


SIZES: dict[str, Any] = {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2,
    "conv_dim": (16,) * 7, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2,
}  # fmt: skip


def make_aligner(
    folder: Path, language: str, *, sizes: Mapping[str, Any] = SIZES, seed: int = 0
) -> None:
    """Write the checkpoint for one of the languages in ALPHABETS."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    codes = {name: index for index, name in enumerate([*CONTROL, *ALPHABETS[language]])}
    (folder / "vocab.json").write_text(json.dumps(codes), encoding="utf-8")
    processor = Wav2Vec2Processor(
        feature_extractor=Wav2Vec2FeatureExtractor(sampling_rate=HEARING_RATE, do_normalize=True),
        tokenizer=Wav2Vec2CTCTokenizer(str(folder / "vocab.json")),
    )
    processor.save_pretrained(folder)
    config = Wav2Vec2Config(
        vocab_size=len(codes), pad_token_id=0, bos_token_id=1, eos_token_id=2, **sizes
    )
    Wav2Vec2ForCTC(config).eval().save_pretrained(folder)
    note_weights(
        folder,
        model=f"tiny-random-wav2vec2-{language}",
        revision=f"seed-{seed}",
        licence="none: random numbers",
    )
