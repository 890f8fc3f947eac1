"""One pocketsphinx decoder, driven so that other threads keep running while it works."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pocketsphinx import Decoder, get_model_path

from voicehost.alignment.grammar import Place, Transition, owners, transitions

SAMPLE_RATE = 16_000
FRAMES_PER_SECOND = 100
STEP_SAMPLES = SAMPLE_RATE // 2
MEAN_SEARCH = "mean"
TEXT_SEARCH = "text"
SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class Heard:
    """A dictionary word where it was heard: its word of the text, frames of 10 ms, end excluded.

    `cost` is the mean over its frames of how much worse (natural logarithm, scaled down by
    pocketsphinx) the word's sound fits than the best sound that the decoder considered there.
    """

    word: int
    start: int
    end: int
    cost: float


class TextDecoder:
    """English acoustic model and CMUdict from the pocketsphinx wheel, about 60 MB.

    pocketsphinx holds Python's global lock while it works. So audio goes in by half seconds (some
    10 ms of work each), and the cepstral mean, which needs the whole stretch, is taken in a first
    pass over the features alone (0.6 ms a second). Beams are so wide that nothing is pruned in a
    stretch of some 20 s: that costs a fifth more time and leaves hardly a text without a
    hypothesis. Silence costs nothing to enter: with pocketsphinx's own `silprob` of 0.005 a word
    after a pause swallowed up to a quarter of a second of it.
    """

    def __init__(self) -> None:
        self._model = Path(get_model_path()) / "en-us"
        self._decoder: Any = Decoder(
            lm=None, bestpath=False, cmn="live", samprate=float(SAMPLE_RATE), loglevel="FATAL",
            beam=1e-300, wbeam=1e-300, pbeam=1e-300, silprob=1.0, wip=1.0,
        )  # fmt: skip
        self._use(MEAN_SEARCH, 1, [(0, 1, 1.0, "a")])

    def knows(self, word: str) -> bool:
        """Whether the dictionary has the word (lower case)."""
        return self._decoder.lookup_word(word) is not None

    def add(self, name: str, phones: Sequence[str]) -> None:
        """Adds an entry until the next `reload_dictionary`; `name` must be new."""
        self._decoder.add_word(name, " ".join(phones), False)

    def reload_dictionary(self) -> None:
        """The dictionary as it was first, without any added word (80 ms)."""
        # The searches are built anew on the dictionary, so none may speak of an added word.
        self._use(TEXT_SEARCH, 1, [(0, 1, 1.0, "a")])
        self._decoder.load_dict(
            str(self._model / "cmudict-en-us.dict"), str(self._model / "en-us" / "noisedict")
        )

    def listen(
        self,
        pcm: NDArray[np.int16],
        places: Sequence[Place],
        *,
        open_end: bool,
        cancelled: Callable[[], bool],
    ) -> list[Heard] | None:
        """What was heard of `places` in mono 16 kHz audio; None without a fitting hypothesis."""
        self._set_mean(pcm)
        self._use(TEXT_SEARCH, len(places), transitions(places, open_end=open_end))
        with self._utterance():
            for start in range(0, len(pcm), STEP_SAMPLES):
                if cancelled():
                    return None
                self._decoder.process_raw(pcm[start : start + STEP_SAMPLES].tobytes())
        if self._decoder.hyp() is None:
            return None
        spoken = [entry for entry in self._decoder.seg() if entry.word[0] not in "<[("]
        names = [entry.word.partition("(")[0] for entry in spoken]
        found = owners(places, names, open_end=open_end)
        if found is None:
            return None
        return [
            heard(places[index].word, entry.start_frame, entry.end_frame + 1, entry.ascore)
            for index, entry in zip(found, spoken, strict=True)
        ]

    def _use(self, name: str, final: int, edges: Sequence[Transition]) -> None:
        self._decoder.add_fsg(name, self._decoder.create_fsg(name, 0, final, edges))
        self._decoder.activate_search(name)

    def _set_mean(self, pcm: NDArray[np.int16]) -> None:
        self._decoder.activate_search(MEAN_SEARCH)
        with self._utterance():
            self._decoder.process_raw(pcm.tobytes(), no_search=True, full_utt=True)
            mean = self._decoder.get_cmn(True)
        if "nan" not in mean:
            self._decoder.set_cmn(mean)

    @contextmanager
    def _utterance(self) -> Iterator[None]:
        self._decoder.start_utt()
        try:
            yield
        finally:
            self._decoder.end_utt()


def heard(word: int, start: int, end: int, likelihood: float) -> Heard:
    """`likelihood` is pocketsphinx's for the whole segment, relative to the best at each frame."""
    frames = max(end - start, 1)
    return Heard(word, start, end, -math.log(max(likelihood, SMALLEST)) / frames)
