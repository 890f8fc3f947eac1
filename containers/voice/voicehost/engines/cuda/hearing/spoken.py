"""What a word of the text may sound like, in the letters that an alignment model knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from itertools import islice, product

from num2words import num2words

from voicehost.alignment.readings import readings
from voicehost.alignment.slots import SILENT, Reading, Slot, slot

# Of a word with many numbers in it; the first ones are the usual readings.
MOST_READINGS = 32
LONGEST_NUMBER = 15
PIECE = re.compile(r"(?P<number>\d+(?:[.,]\d+)*)|(?P<letters>[^\W\d_]+(?:['’-][^\W\d_]+)*)")
GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")


def spoken(words: Sequence[str], language: str, letters: Collection[str]) -> list[list[Reading]]:
    """For each word its readings, likeliest first, each a tuple of words in `letters` alone.

    A word that nothing is known of has none: symbols, emoji, another script, digits of a
    language without numerals here. English is read as the CPU family reads it.
    """
    slots = readings(words) if language == "en" else [_slots(word, language) for word in words]
    return [_readings(of_word, letters) for of_word in slots]


def in_letters(text: str, letters: Collection[str]) -> str:
    """Lower case, without what the model has no letter for; accents go where only they are foreign.

    >>> in_letters("Café!", "abcdef")
    'cafe'
    """
    kept = []
    for character in unicodedata.normalize("NFC", text.lower().replace("’", "'")):
        if character in letters:
            kept.append(character)
        else:
            base = unicodedata.normalize("NFKD", character)
            kept += [part for part in base if part in letters]
    return "".join(kept)


def _readings(slots: Sequence[Slot], letters: Collection[str]) -> list[Reading]:
    combined = islice(product(*slots), MOST_READINGS)
    found = [_in_letters(sum(parts, SILENT), letters) for parts in combined]
    unique = list(dict.fromkeys(found))
    return unique if any(unique) else []


def _in_letters(reading: Reading, letters: Collection[str]) -> Reading:
    words = (in_letters(word, letters) for word in reading)
    return tuple(word for word in words if word)


def _slots(word: str, language: str) -> list[Slot]:
    """The pieces of a word of any language: letters as they stand, numbers as they are said."""
    slots = []
    for piece in PIECE.finditer(word):
        if piece["letters"]:
            slots.append(slot(piece["letters"]))
        elif said := _numbers(piece["number"], language):
            slots.append(slot(*said))
    return slots


def _numbers(digits: str, language: str) -> list[str]:
    """A number in words, as a count and as a year; none where num2words lacks the language."""
    if GROUPED.fullmatch(digits):
        digits = re.sub("[.,]", "", digits)
    plain = digits.replace(",", ".")
    if len(plain) > LONGEST_NUMBER or plain.count(".") > 1:
        return []
    try:
        number = float(plain) if "." in plain else int(plain)
        said = [str(num2words(number, lang=language))]
        if isinstance(number, int) and 1100 <= number <= 2099:
            said.append(str(num2words(number, lang=language, to="year")))
    except (NotImplementedError, ValueError, TypeError, LookupError, ArithmeticError):
        return []
    return [re.sub("[,-]", " ", words) for words in said]
