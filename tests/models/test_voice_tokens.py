"""A local checkpoint reads text in the tokens that it was trained with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from voicehost.engines.cuda.card import Card
from voicehost.engines.cuda.speech.loading import load_voice

# transformers takes a vocabulary of more than 100,000 tokens in a local folder for one that needs
# another's word boundaries.
ENTRIES = 100_100
WORDS = ("YouTube", "McDonald")


def grown(models: Path, folder: Path) -> Path:
    """The small checkpoint with as many tokens as the published ones, two words among them."""
    shutil.copytree(models / "tts", folder)
    (folder / "tokenizer.json").unlink(missing_ok=True)
    vocabulary = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    merges = []
    for word in WORDS:
        for end in range(2, len(word) + 1):
            merges.append(f"{word[: end - 1]} {word[end - 1]}")
            vocabulary.setdefault(word[:end], len(vocabulary))
    vocabulary |= {f"filler{i}": i for i in range(len(vocabulary), ENTRIES)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    with (folder / "merges.txt").open("a", encoding="utf-8") as file:
        file.write("".join(f"{merge}\n" for merge in merges))
    return folder


def test_words_with_capitals_inside_stay_whole(models: Path, tmp_path: Path) -> None:
    card = Card("cpu", None, None, 0)
    folder = grown(models, tmp_path / "tts")
    tokenizer = load_voice(
        folder, card, "Aiden", lambda what, fraction: None
    ).tts.processor.tokenizer
    assert len(tokenizer) > ENTRIES
    for word in WORDS:
        assert tokenizer.tokenize(word) == [word]
