"""`python -m tests.models.make FOLDER` writes small checkpoints as an image has them in /models."""

from __future__ import annotations

import sys
from pathlib import Path


def make_models(folder: Path) -> None:
    """Write `tts`, `asr`, `align/en`, `align/de` and `nltk` into the folder."""
    from tests.models.sentence_rules import make_sentence_rules
    from tests.models.small_ears import make_ears
    from tests.models.tiny_aligner import ALPHABETS, make_aligner
    from tests.models.tiny_voice import make_voice

    make_voice(folder / "tts")
    make_ears(folder / "asr")
    for language in ALPHABETS:
        make_aligner(folder / "align" / language, language)
    make_sentence_rules(folder / "nltk")


def main() -> int:
    if len(sys.argv) != 2:
        print("Name the folder: python -m tests.models.make FOLDER", file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    make_models(folder)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"Wrote small checkpoints into {folder}: {size / 1e6:.0f} MB.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
