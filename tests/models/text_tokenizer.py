"""A tokenizer of bytes for the tiny voice, saved in the form that the true one has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from qwen_tts.core.models import Qwen3TTSProcessor
from transformers import Qwen2TokenizerFast
from transformers.models.qwen2.tokenization_qwen2 import bytes_to_unicode

PAD = "<|endoftext|>"
TURN_START = "<|im_start|>"
TURN_END = "<|im_end|>"
SPEECH_PAD = "<tts_pad>"
SPEECH_START = "<tts_text_bos>"
SPEECH_END = "<tts_text_eod>"
# The package cuts a prompt at fixed places: the names of the two roles must be one token each.
ROLES = ("assistant", "user")


def write_tokenizer(folder: Path) -> Mapping[str, int]:
    """Save tokenizer and processor; returns the ids of all tokens."""
    grown = [role[:end] for role in ROLES for end in range(2, len(role) + 1)]
    merges = [f"{word[:-1]} {word[-1]}" for word in grown]
    words = dict.fromkeys([*bytes_to_unicode().values(), *grown])
    vocabulary = {word: index for index, word in enumerate(words)}
    vocab_file, merges_file = folder / "vocab.json", folder / "merges.txt"
    vocab_file.write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    merges_file.write_text("\n".join(["#version: 0.2", *merges, ""]), encoding="utf-8")
    tokenizer = Qwen2TokenizerFast(
        str(vocab_file), str(merges_file), unk_token=None, eos_token=TURN_END, pad_token=PAD
    )
    tokenizer.add_special_tokens(
        {"additional_special_tokens": [TURN_START, TURN_END, SPEECH_PAD, SPEECH_START, SPEECH_END]}
    )
    Qwen3TTSProcessor(tokenizer=tokenizer).save_pretrained(folder)
    ids: dict[str, int] = tokenizer.get_vocab()
    return ids
