"""How far what was heard is from what was written, word by word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def spoken_words(text: str) -> list[str]:
    """The words without case and punctuation; hyphens part them."""
    plain = unicodedata.normalize("NFKC", text).replace("\u2019", "'").casefold()
    return WORD.findall(plain)


def edits(written: Sequence[str], heard: Sequence[str]) -> int:
    """Fewest words to put in, leave out or exchange to get from one to the other."""
    row = list(range(len(heard) + 1))
    for done, word in enumerate(written, 1):
        above, row[0] = row[0], done
        for place, other in enumerate(heard, 1):
            best = min(row[place] + 1, row[place - 1] + 1, above + (word != other))
            above, row[place] = row[place], best
    return row[-1]


def error_rates(written: Sequence[str], heard: Sequence[str]) -> tuple[float, float]:
    """Word error rate over all texts, and that of the worst one."""
    pairs = [(spoken_words(a), spoken_words(b)) for a, b in zip(written, heard, strict=True)]
    wrong = [edits(a, b) for a, b in pairs]
    count = sum(len(a) for a, _ in pairs)
    return sum(wrong) / count, max(n / len(a) for n, (a, _) in zip(wrong, pairs, strict=True))
