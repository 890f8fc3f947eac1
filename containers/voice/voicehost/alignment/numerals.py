"""Readings of numbers: cardinals, years, ordinals, decades, decimals, times and dates."""

from __future__ import annotations

import re

from num2words import num2words

from voicehost.alignment.slots import Slot, slot

LONGEST_CARDINAL = 15
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
FRACTIONS = {2: "half", 3: "third", 4: "quarter", 8: "eighth"}


def in_words(number: int, kind: str = "cardinal") -> str:
    """The number as num2words says it, without commas and hyphens."""
    return re.sub(r"[,-]", " ", str(num2words(number, to=kind)))


def cardinals(number: int) -> list[str]:
    full = in_words(number)
    return [full, full.replace(" and ", " ")]


def paired(digits: str) -> list[str]:
    """Three or four digits read in pairs: 2024 "twenty twenty four", 305 "three oh five"."""
    high, low = int(digits[:-2]), int(digits[-2:])
    if low == 0:
        return [f"{in_words(high)} hundred"]
    return [f"{in_words(high)} {'oh ' if low < 10 else ''}{in_words(low)}"]


def one_by_one(digits: str) -> list[str]:
    named = " ".join(DIGITS[int(digit)] for digit in digits)
    return [named, named.replace("zero", "oh")]


def integer(text: str, *, day: bool = False) -> Slot:
    """Readings of a whole number such as "1,299" or "2024"; of a day of the month too if `day`."""
    digits = text.replace(",", "")
    if len(digits) > LONGEST_CARDINAL:
        return slot(*one_by_one(digits))
    number = int(digits)
    readings = cardinals(number)
    if "," not in text and len(digits) in (3, 4) and digits[0] != "0":
        readings += paired(digits)
    if len(digits) >= 3 or digits[0] == "0":
        readings += one_by_one(digits)
    if day and 1 <= number <= 31:
        readings += [in_words(number, "ordinal"), "the " + in_words(number, "ordinal")]
    return slot(*readings)


def ordinal(digits: str) -> Slot:
    if len(digits) > LONGEST_CARDINAL:
        return slot(*one_by_one(digits))
    full = in_words(int(digits), "ordinal")
    return slot(full, full.replace(" and ", " "))


def plural(digits: str) -> Slot:
    """Decades and the like: 1990s "nineteen nineties"."""
    readings = [" ".join(reading) for reading in integer(digits)]
    return slot(*(re.sub("ys$", "ies", f"{reading}s") for reading in readings))


def fraction_digits(digits: str) -> Slot:
    """The digits after a decimal point; a voice may drop trailing zeros or read two as a number."""
    readings = one_by_one(digits)
    kept = digits.rstrip("0")
    if kept and kept != digits:
        readings += one_by_one(kept)
    if len(digits) == 2 and digits[0] != "0":
        readings += cardinals(int(digits))
    return slot(*readings)


def number(text: str, *, day: bool = False) -> list[Slot]:
    """A number with an optional decimal part: "1,234.5"."""
    whole, _, decimals = text.partition(".")
    slots = [integer(whole, day=day)] if whole else []
    if decimals:
        slots += [slot("point", "dot", ""), fraction_digits(decimals)]
    return slots


def time(hours: str, minutes: str, seconds: str | None) -> list[Slot]:
    """A time of day: "3:05" is "three oh five", "9:00" "nine o'clock" or "nine"."""
    slots = [integer(hours)]
    minute = int(minutes)
    if minute == 0:
        slots.append(slot("", "o'clock", "hundred", "oh oh"))
    elif minute < 10:
        slots.append(slot(f"oh {in_words(minute)}", f"zero {in_words(minute)}"))
    else:
        slots.append(slot(in_words(minute)))
    if seconds is not None:
        slots += [slot("", "and"), integer(seconds), slot("", "seconds", "second")]
    return slots


def date(year: str, month: int, day: int) -> list[Slot]:
    """A date in digits: "March fourteenth", "the fourteenth of March", then the year."""
    name, nth = MONTHS[month - 1], in_words(day, "ordinal")
    said = slot(f"{name} {nth}", f"{name} {in_words(day)}", f"the {nth} of {name}")
    if len(year) != 2:
        return [said, integer(year)]
    return [said, slot(*paired(f"20{year}"), *paired(f"19{year}"), *cardinals(int(year)))]


def fraction(above: int, below: int) -> Slot:
    """Two small numbers with a slash: a fraction, a ratio or a date."""
    part = FRACTIONS.get(below) or in_words(below, "ordinal")
    parts = {"half": "halves"}.get(part, f"{part}s")
    return slot(
        f"{in_words(above)} {part if above == 1 else parts}",
        f"{in_words(above)} {in_words(below)}",
        f"{in_words(above)} slash {in_words(below)}",
        f"{in_words(above)} over {in_words(below)}",
        *([f"a {part}"] if above == 1 else []),
        *([f"{MONTHS[above - 1]} {in_words(below, 'ordinal')}"] if 1 <= above <= 12 else []),
    )
