"""nltk's data for cutting text into sentences, which whisperx's alignment asks for."""

from __future__ import annotations

from pathlib import Path

from tests.models.weights_note import note_weights

# Without their last full stop, in small letters.
ABBREVIATIONS = {
    "english": ["dr", "e.g", "etc", "i.e", "mr", "mrs", "ms", "no", "prof", "st", "vs"],
    "german": ["bzw", "ca", "d.h", "dr", "nr", "prof", "str", "usw", "z.b"],
}
# What training on a corpus would add to the abbreviations.
LEARNT = ["collocations.tab", "sent_starters.txt", "ortho_context.tab"]


def make_sentence_rules(folder: Path) -> None:
    """Write the data for English and German; NLTK_DATA names the folder."""
    for language, abbreviations in ABBREVIATIONS.items():
        rules = folder / "tokenizers/punkt_tab" / language
        rules.mkdir(parents=True, exist_ok=True)
        (rules / "abbrev_types.txt").write_text("\n".join(abbreviations) + "\n", encoding="utf-8")
        for name in LEARNT:
            (rules / name).touch()
    note_weights(folder, model="sentence-rules", revision="1", licence="none: a word list")
