"""Forced alignment with pocketsphinx: English, CPU only, no network."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from voicehost.alignment.grammar import Place
from voicehost.alignment.loudness import Loudness
from voicehost.alignment.score import span_of
from voicehost.alignment.words import AlignedWord, Span, fill_gaps

if TYPE_CHECKING:
    from voicehost.alignment.decoder import TextDecoder
    from voicehost.alignment.lexicon import Lexicon
    from voicehost.alignment.slots import Slot

SAMPLE_RATE = 16_000
WINDOW_SECONDS = ((15.0, 20.0), (9.0, 13.0))
UNSETTLED_SECONDS = 3.0
LEAST_STEP_SECONDS = 5.0
SHORTEST_SECONDS = 0.1
SLOTS_PER_WINDOW = 160


def never() -> bool:
    return False


class SphinxAligner:
    """Places the words of a text in an audio that says it; safe to share, one call at a time.

    Each word is given every way in which it may be read (`readings`), the decoder picks by ear.
    Audio longer than a window goes window by window, each cut in its quietest moment between 15
    and 20 s; its words are kept but for the last 3 s, the next window starts after the last of
    them. So time and memory grow with the length of the audio only.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: tuple[TextDecoder, Lexicon] | None = None
        self._readings: Callable[[Sequence[str]], list[list[Slot]]]

    def load(self) -> None:
        """Loads acoustic model, dictionary and grapheme-to-phoneme: about 1 s and 150 MB."""
        with self._lock:
            self._load()

    def _load(self) -> tuple[TextDecoder, Lexicon]:
        from hibari.g2p import G2P

        from voicehost.alignment.decoder import TextDecoder
        from voicehost.alignment.lexicon import Lexicon
        from voicehost.alignment.readings import readings

        self._readings = readings
        decoder = TextDecoder()
        self._loaded = decoder, Lexicon(decoder, G2P())
        return self._loaded

    @property
    def added_entries(self) -> int:
        """Pronunciations that the decoder now holds beyond its dictionary."""
        return self._loaded[1].added if self._loaded else 0

    def align(
        self,
        audio: NDArray[np.float32],
        text: str,
        cancelled: Callable[[], bool] = never,
    ) -> list[AlignedWord]:
        """One entry for each word of `text.split()`, in order; none for a text without words.

        `audio` is mono, 16 kHz, -1..1, of any length, also 0. `start` and `end` are seconds from
        its start, 0 <= start <= end <= duration, and no word starts before the one before it has
        ended. `score` is 0..1 (see `score.span_of`). A word without a sound of its own, or that
        was not found, shares the time between its neighbours and has `aligned` False. `cancelled`
        is asked twice a second of audio; once it says True, the words not yet placed are shared
        out. Raises nothing for any text or audio.
        """
        words = text.split()
        samples = np.nan_to_num(np.asarray(audio, dtype=np.float32).ravel(), posinf=1, neginf=-1)
        duration = len(samples) / SAMPLE_RATE
        loudness = Loudness(samples, SAMPLE_RATE)
        known: dict[int, Span] = {}
        if words and duration >= SHORTEST_SECONDS and loudness.speech():
            pcm = (np.clip(samples, -1.0, 1.0) * 32767.0).astype(np.int16)
            with self._lock:
                known = self._known(pcm, words, loudness, cancelled)
        audible = {i: span for i, span in known.items() if loudness.sounds(span.start, span.end)}
        return fill_gaps(words, audible, duration, speech=loudness.speech())

    def _known(
        self,
        pcm: NDArray[np.int16],
        words: Sequence[str],
        loudness: Loudness,
        cancelled: Callable[[], bool],
    ) -> dict[int, Span]:
        """The span of every word that was heard."""
        decoder, lexicon = self._loaded or self._load()
        lexicon.trim()
        places = places_of(self._readings(words), lexicon)
        duration = len(pcm) / SAMPLE_RATE
        known: dict[int, Span] = {}
        start = 0.0
        while places and start + SHORTEST_SECONDS <= duration and not cancelled():
            spans = None
            for shortest, longest in WINDOW_SECONDS:
                last = duration - start <= longest
                end = duration if last else loudness.quietest(start + shortest, start + longest)
                window = pcm[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
                spans = heard_in(decoder, window, places, last, cancelled)
                if spans is not None or cancelled():
                    break
            if spans is None:
                # Nothing fits here: give the stretch its share of the words and go on behind it.
                share = (end - start) / (duration - start)
                places = places[max(1, round(share * len(places))) :]
                start = end
                continue
            settled_until = end if last else end - UNSETTLED_SECONDS
            spans = {word: span.later(start) for word, span in spans.items()}
            settled = {word: span for word, span in spans.items() if span.end <= settled_until}
            known |= spans if last else settled
            if last:
                break
            places = [place for place in places if place.word > max(settled, default=-1)]
            ahead = [span.start for word, span in spans.items() if word not in settled]
            start = max(min([settled_until, *ahead]), start + LEAST_STEP_SECONDS)
        return known


def heard_in(
    decoder: TextDecoder,
    pcm: NDArray[np.int16],
    places: Sequence[Place],
    last: bool,
    cancelled: Callable[[], bool],
) -> dict[int, Span] | None:
    """Spans of the words heard in a window; the whole text if it is the `last` and all fit."""
    some = places[:SLOTS_PER_WINDOW]
    heard = None
    if last and len(some) == len(places):
        heard = decoder.listen(pcm, some, open_end=False, cancelled=cancelled)
    if heard is None:
        heard = decoder.listen(pcm, some, open_end=True, cancelled=cancelled)
    if heard is None:
        return None
    return {word: span_of(list(own)) for word, own in groupby(heard, key=lambda piece: piece.word)}


def places_of(spoken: Sequence[Sequence[Slot]], lexicon: Lexicon) -> list[Place]:
    """The slots of all words in dictionary names, without those that nothing can pronounce."""
    named = ((word, lexicon.named(slot)) for word, slots in enumerate(spoken) for slot in slots)
    return [Place(word, slot) for word, slot in named if any(slot)]
