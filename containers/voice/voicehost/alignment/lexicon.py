"""Names of spoken words in the decoder's dictionary, with a pronunciation for the unknown ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from voicehost.alignment.phones import arpabet
from voicehost.alignment.slots import Slot

PRIVATE_ENTRIES = 2000


class Dictionary(Protocol):
    """What the lexicon needs of a decoder."""

    def knows(self, word: str) -> bool: ...
    def add(self, name: str, phones: Sequence[str]) -> None: ...
    def reload_dictionary(self) -> None: ...


class Lexicon:
    """Words in CMUdict keep all its pronunciations; others get one from `phonemize`.

    `phonemize` turns a word into misaki phonemes. An added pronunciation is an entry named after
    its phones, so a word that comes again costs nothing. pocketsphinx cannot forget one entry:
    after `PRIVATE_ENTRIES` of them `trim` reloads the dictionary.
    """

    def __init__(self, dictionary: Dictionary, phonemize: Callable[[str], str]) -> None:
        self._dictionary = dictionary
        self._phonemize = phonemize
        self._private: set[str] = set()
        self._names: dict[str, str | None] = {}

    @property
    def added(self) -> int:
        """Entries that the decoder holds beyond its first dictionary."""
        return len(self._private)

    def trim(self) -> None:
        """Forgets the added entries once they are many; only between two alignments."""
        if len(self._private) > PRIVATE_ENTRIES or len(self._names) > 10 * PRIVATE_ENTRIES:
            self._private.clear()
            self._names.clear()
            self._dictionary.reload_dictionary()

    def name(self, word: str) -> str | None:
        """The dictionary's name for a spoken word; None when nothing can pronounce it."""
        if word not in self._names:
            self._names[word] = self._find(word)
        return self._names[word]

    def named(self, slot: Slot) -> Slot:
        """The slot in dictionary names, less the readings that cannot be pronounced."""
        result: dict[tuple[str, ...], None] = {}
        for reading in slot:
            names = tuple(name for word in reading if (name := self.name(word)))
            if len(names) == len(reading):
                result[names] = None
        return tuple(result)

    def _find(self, word: str) -> str | None:
        known = word.lower()
        if self._dictionary.knows(known):
            return known
        phones = arpabet(self._phonemize(word))
        if not phones:
            return None
        name = "_" + "_".join(phones).lower()
        if name not in self._private:
            self._dictionary.add(name, phones)
            self._private.add(name)
        return name
