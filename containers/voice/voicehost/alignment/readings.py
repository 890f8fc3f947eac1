"""The slots of each whitespace-separated word of a text: what may be heard where it stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial

from voicehost.alignment import abbreviations as short
from voicehost.alignment import numerals
from voicehost.alignment.slots import Slot, letters, slot

LONGEST_WORD = 40
SLOTS_PER_WORD = 80
WHOLE = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)"
FIGURE = rf"{WHOLE}(?:\.\d+)?|\.\d+"
PIECE = re.compile(
    r"(?P<iso>\d{4})-(?P<iso_month>\d\d)-(?P<iso_day>\d\d)(?!\d)"
    r"|(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4}|\d\d)(?!\d)"
    r"|(?P<above>\d{1,2})/(?P<below>\d{1,2})(?![\d/])"
    r"|(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?!\d)"
    rf"|(?P<currency>[$€£¥₹])(?P<amount>{FIGURE})(?P<scale>bn|[kmb])?(?![a-z])"
    rf"|(?P<nth>{WHOLE})(?:st|nd|rd|th)(?![a-z])"
    r"|(?P<plural>\d+)'?s(?![a-z])"
    rf"|(?P<figure>{FIGURE})"
    r"|(?P<dotted>(?:[a-z]\.)+[a-z](?![a-z]))"
    r"|(?P<letters>[^\W\d_]+(?:'[^\W\d_]+)*)"
    r"|(?P<symbol>\S)",
    re.IGNORECASE,
)
ROMAN = re.compile(r"(?=[IVX]{2})X{0,3}(?:IX|IV|V?I{0,3})")
HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def readings(words: Sequence[str]) -> list[list[Slot]]:
    """The slots of each word, none for a word without a sound that is known here.

    Neighbours decide where it is cheap: a number beside a month may be a day, and "million"
    after "$5" may be followed by "dollars".
    """
    plain = [plain_text(word) for word in words]
    result = []
    for index, word in enumerate(plain):
        before = plain[index - 1] if index else ""
        after = plain[index + 1] if index + 1 < len(plain) else ""
        result.append(word_slots(word, before, after)[:SLOTS_PER_WORD])
    return result


def plain_text(word: str) -> str:
    """Compatibility forms unfolded, curly apostrophes straight, accents of Latin letters off."""
    kept = "".join(c if c in short.SYMBOLS else unicodedata.normalize("NFKD", c) for c in word)
    kept = "".join(c for c in kept if not unicodedata.combining(c))
    return re.sub("[‘’ʼ`]", "'", kept).replace("ß", "ss").replace("ø", "o").replace("æ", "ae")


def word_slots(word: str, before: str, after: str) -> list[Slot]:
    slots: list[Slot] = []
    beside_month = any(is_month(neighbour) for neighbour in (before, after))
    beside_month = beside_month or before.lower() == "the" or after.lower() == "of"
    for piece in PIECE.finditer(word):
        slots += piece_slots(piece, day=beside_month, next_word=after)
    if before[:1] in short.CURRENCIES and re.sub(r"\W", "", word).lower() in short.SCALES:
        slots.append(slot(*short.CURRENCIES[before[0]][0]))
    return slots


def is_month(word: str) -> bool:
    name = re.sub(r"\W", "", word).lower()
    return len(name) >= 3 and any(month.startswith(name) for month in numerals.MONTHS)


def piece_slots(piece: re.Match[str], *, day: bool, next_word: str) -> list[Slot]:
    """The slots of one piece of a word, by the first group of `PIECE` that took part."""
    found = {name: value for name, value in piece.groupdict().items() if value is not None}
    say: dict[str, Callable[[], list[Slot]]] = {
        "iso": partial(iso_date, piece),
        "month": partial(american_date, piece),
        "above": lambda: [numerals.fraction(int(piece["above"]), int(piece["below"]))],
        "hour": lambda: numerals.time(piece["hour"], piece["minute"], piece["second"]),
        "currency": partial(money, piece, next_word),
        "nth": lambda: [numerals.ordinal(piece["nth"].replace(",", ""))],
        "plural": lambda: [numerals.plural(piece["plural"])],
        "figure": lambda: numerals.number(piece["figure"], day=day),
        "dotted": lambda: [slot(*short.DOTTED.get(piece["dotted"].lower(), ()), letters(piece[0]))],
        "letters": partial(spelled, piece),
        "symbol": partial(symbol, piece),
    }
    return next(say[name] for name in say if name in found)()


def iso_date(piece: re.Match[str]) -> list[Slot]:
    return checked_date(piece["iso"], piece["iso_month"], piece["iso_day"], piece)


def american_date(piece: re.Match[str]) -> list[Slot]:
    return checked_date(piece["year"], piece["month"], piece["day"], piece)


def checked_date(year: str, month: str, day: str, piece: re.Match[str]) -> list[Slot]:
    """A date if the calendar has it, either way round; else the numbers one by one."""
    first, second = int(month), int(day)
    if not 1 <= first <= 12:
        first, second = second, first
    if 1 <= first <= 12 and 1 <= second <= 31:
        return numerals.date(year, first, second)
    return [numerals.integer(digits) for digits in re.findall(r"\d+", piece[0])]


def money(piece: re.Match[str], next_word: str) -> list[Slot]:
    unit, cent = short.CURRENCIES[piece["currency"]]
    amount, scale = piece["amount"], piece["scale"]
    scaled = scale or re.sub(r"\W", "", next_word).lower() in short.SCALES
    whole, _, cents = amount.partition(".")
    if scaled or len(cents) != 2:
        slots = numerals.number(amount)
        slots += [slot(*short.UNITS[scale.lower()])] if scale else []
        return [*slots, slot(*unit)]
    slots = [numerals.integer(whole or "0"), slot(*unit)]
    if int(cents):
        slots += [slot("and", ""), numerals.integer(str(int(cents))), slot(*cent)]
    return slots


def spelled(piece: re.Match[str]) -> list[Slot]:
    """Letters: a short form, a word, an acronym, a name in CamelCase or a Roman numeral."""
    text, key = piece[0], piece[0].lower()
    if len(text) > LONGEST_WORD or not text.replace("'", "").isascii():
        return []
    follows = piece.string[piece.end() : piece.end() + 1]
    precedes = piece.string[: piece.start()][-1:]
    if (precedes.isdigit() or precedes == "°") and key in short.UNITS:
        return [slot(*short.UNITS[key])]
    options: list[str] = list(short.ALWAYS.get(key, ()))
    if follows == ".":
        options += short.WITH_DOT.get(key, ())
    options = options or [text]
    if text.isupper() and len(text) <= 6 and len(text) > 1:
        options += [text, letters(text)]
    elif len(text) == 1 or not re.search("[aeiouy]", key):
        options.append(letters(text))
    if HUMP.search(text):
        options.append(HUMP.sub(" ", text))
    if ROMAN.fullmatch(text):
        value = sum((text.count("I"), 5 * text.count("V"), 10 * text.count("X")))
        value -= 2 * (("IX" in text) + ("IV" in text))
        options += [numerals.in_words(value), "the " + numerals.in_words(value, "ordinal")]
    return [slot(*options)]


def symbol(piece: re.Match[str]) -> list[Slot]:
    """A single character between or beside others; most punctuation has no sound."""
    sign = piece[0]
    before = piece.string[: piece.start()][-1:]
    after = piece.string[piece.end() : piece.end() + 1]
    if sign in "-–" and after.isdigit():
        return [slot("", "to", "minus", "dash")]
    if sign == "." and before.isalnum() and after.isalnum():
        return [slot("dot", "point", "")]
    return [slot(*short.SYMBOLS[sign])] if sign in short.SYMBOLS else []
