"""From the misaki phoneme alphabet of hibari's grapheme-to-phoneme to pocketsphinx's ARPAbet.

misaki: https://github.com/hexgrad/misaki (EN_PHONES.md); ARPAbet as in CMUdict, 39 phones.
"""

from __future__ import annotations

ARPABET = {
    "A": "EY", "I": "AY", "O": "OW", "Q": "OW", "W": "AW", "Y": "OY",
    "a": "AE", "e": "EH", "i": "IY", "o": "OW", "u": "UW",
    "æ": "AE", "ɑ": "AA", "ɒ": "AA", "ɔ": "AO", "ə": "AH", "ɐ": "AH", "ɚ": "ER",
    "ɛ": "EH", "ɜ": "ER", "ɪ": "IH", "ɨ": "IH", "ʊ": "UH", "ʌ": "AH", "ᵻ": "IH", "ᵊ": "AH",
    "b": "B", "d": "D", "f": "F", "h": "HH", "j": "Y", "k": "K", "l": "L", "m": "M", "n": "N",
    "p": "P", "s": "S", "t": "T", "v": "V", "w": "W", "z": "Z", "x": "K",
    "ð": "DH", "θ": "TH", "ŋ": "NG", "ɡ": "G", "ɹ": "R", "r": "R", "ɾ": "T", "T": "T", "ʔ": "T",
    "ʃ": "SH", "ʒ": "ZH", "ʤ": "JH", "ʧ": "CH", "ʥ": "JH", "ʨ": "CH",
    "ʣ": "D Z", "ʦ": "T S", "ɲ": "N Y", "ç": "HH", "ɬ": "L",
}  # fmt: skip
R_COLOURED = {"ɜɹ": "ɚ", "əɹ": "ɚ", "ɜː": "ɚ"}


def arpabet(phonemes: str) -> tuple[str, ...]:
    """ARPAbet phones of a misaki string; stress, length and unknown marks are dropped."""
    for pair, single in R_COLOURED.items():
        phonemes = phonemes.replace(pair, single)
    phones = (ARPABET.get(symbol, "") for symbol in phonemes)
    return tuple(phone for group in phones for phone in group.split())
