"""A language of tones: a checkpoint that truly hears it, so that word times can be checked.

Every letter is a tone of 80 ms, words stand between pauses. The model is a small random wav2vec2
with the real architecture; only its last layer is fitted, by least squares, to the tones. What
aligns there is the real whisperx on real emissions, with times that are known to the sample.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
LETTER_SECONDS = 0.08
PAUSE_SECONDS = 0.16
EDGE_SECONDS = 0.4
FRAME_SAMPLES = 320
LETTERS = "abcdefghijklmnopqrstuvwxyz'äöüß"
ALPHABETS = {"en": LETTERS[:27], "de": LETTERS}
CONTROL = ["<pad>", "<s>", "</s>", "<unk>", "|"]
LOWEST_HZ, HIGHEST_HZ = 250.0, 6000.0
CLIPS, CLIP_WORDS = 40, 8
RIDGE = 1e-3

Sound = NDArray[np.float32]


def spoken_in_tones(words: Sequence[str]) -> tuple[Sound, list[tuple[float, float]]]:
    """Mono audio at 16 kHz that says the words, and each word's start and end in seconds."""
    parts = [_silence(EDGE_SECONDS)]
    times = []
    for word in words:
        start = sum(map(len, parts)) / RATE
        parts += [_tone(letter) for letter in word]
        times.append((start, sum(map(len, parts)) / RATE))
        parts.append(_silence(PAUSE_SECONDS))
    parts.append(_silence(EDGE_SECONDS))
    return np.concatenate(parts), times


def make_tone_models(folder: Path) -> None:
    """Write a checkpoint for each language in ALPHABETS, in a folder named by its code."""
    for language, letters in ALPHABETS.items():
        make_tone_model(folder / language, letters)


def make_tone_model(folder: Path, letters: str) -> None:
    """Write a checkpoint that hears `letters`, as transformers saves one. Takes some seconds."""
    import torch
    from transformers import (
        Wav2Vec2Config,
        Wav2Vec2CTCTokenizer,
        Wav2Vec2FeatureExtractor,
        Wav2Vec2ForCTC,
        Wav2Vec2Processor,
    )

    folder.mkdir(parents=True)
    torch.manual_seed(1)
    labels = [*CONTROL, *letters]
    vocabulary = folder / "vocab.json"
    vocabulary.write_text(json.dumps({label: index for index, label in enumerate(labels)}))
    Wav2Vec2Processor(
        feature_extractor=Wav2Vec2FeatureExtractor(do_normalize=True),
        tokenizer=Wav2Vec2CTCTokenizer(str(vocabulary)),
    ).save_pretrained(folder)
    config = Wav2Vec2Config(
        vocab_size=len(labels),
        hidden_size=256,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        conv_dim=(96,) * 7,
        conv_bias=True,
        feat_extract_norm="layer",
        num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2,
        pad_token_id=0,
    )
    model = Wav2Vec2ForCTC(config).eval()
    _fit(model, labels, letters)
    model.save_pretrained(folder)


def _fit(model: Any, labels: Sequence[str], letters: str) -> None:
    import torch

    chance = np.random.default_rng(0)
    seen, wanted = [], []
    for _ in range(CLIPS):
        words = ["".join(chance.choice(list(letters), 5)) for _ in range(CLIP_WORDS)]
        audio, times = spoken_in_tones(words)
        loudness = (audio - audio.mean()) / audio.std()
        with torch.inference_mode():
            hidden = model.wav2vec2(torch.from_numpy(loudness)[None]).last_hidden_state[0]
        seen.append(hidden.numpy())
        wanted.append(_logits(words, times, len(hidden), labels))
    inputs = np.concatenate(seen)
    inputs = np.hstack([inputs, np.ones((len(inputs), 1), np.float32)])
    square = inputs.T @ inputs + RIDGE * np.eye(inputs.shape[1])
    weights = np.linalg.solve(square, inputs.T @ np.concatenate(wanted))
    with torch.no_grad():
        model.lm_head.weight.copy_(torch.from_numpy(weights[:-1].T))
        model.lm_head.bias.copy_(torch.from_numpy(weights[-1]))


def _logits(
    words: Sequence[str], times: Sequence[tuple[float, float]], frames: int, labels: Sequence[str]
) -> NDArray[np.float64]:
    """Blank and word gap in pauses; the letter, and blank less so, where its tone sounds."""
    wanted = np.full((frames, len(labels)), -4.0)
    wanted[:, 0] = 6.0
    wanted[:, labels.index("|")] = 3.0
    for word, (start, _) in zip(words, times, strict=True):
        for index, letter in enumerate(word):
            begin = start + index * LETTER_SECONDS
            first = round(begin * RATE / FRAME_SAMPLES)
            last = round((begin + LETTER_SECONDS) * RATE / FRAME_SAMPLES)
            wanted[first:last] = -4.0
            wanted[first:last, 0] = 4.0
            wanted[first:last, labels.index(letter)] = 6.0
    return wanted


def _tone(letter: str) -> Sound:
    step = LETTERS.index(letter) / (len(LETTERS) - 1)
    hertz = LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** step
    time = np.arange(round(LETTER_SECONDS * RATE)) / RATE
    return np.asarray(0.3 * np.sin(2 * np.pi * hertz * time), np.float32)


def _silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE), np.float32)
