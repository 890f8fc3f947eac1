"""One segment: spoken, listened to, spoken again where it is no good, and timed.

Whatever is there already under the same key is taken as it is; whatever is new is kept at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from gpuvoice.errors import RequestRefused, ServerFailed
from gpuvoice.narration.judgement import Judgement
from gpuvoice.narration.keys import hearing_key, next_seed, speech_key, words_key
from gpuvoice.narration.outcome import Outcome
from gpuvoice.narration.script import Segment
from gpuvoice.narration.settings import Models, Settings
from gpuvoice.narration.shelf import Kept, Shelf, sha256
from gpuvoice.narration.sound import read_wav
from gpuvoice.narration.take import Heard, Take, Times
from gpuvoice.narration.word_times import fault_in
from gpuvoice.recognition import Recognition
from gpuvoice.results import Alignment
from gpuvoice.speech import Speech

Tell = Callable[[str], None]
REFUSALS = (RequestRefused, ServerFailed)


class Studio:
    """Threads may share it for different segments."""

    def __init__(
        self,
        speech: Speech,
        recognition: Recognition,
        shelf: Shelf,
        settings: Settings,
        models: Models,
    ) -> None:
        self._speech = speech
        self._recognition = recognition
        self._shelf = shelf
        self._settings = settings
        self._models = models

    def perform(self, segment: Segment, tell: Tell) -> Outcome:
        """`tell` hears what is done next, and ends it by an error. Raises what concerns more than
        this one segment."""
        try:
            judged, takes = self._good_take(segment, tell)
        except REFUSALS as error:
            return Outcome(segment, faults=(str(error),))
        faults = list(judged.faults)
        kept = judged.kept
        if self._settings.align:
            tell("timing")
            kept, fault = self._timed(segment, kept)
            faults += [fault] if fault else []
        return Outcome(segment, kept.take, judged.comparison, tuple(faults), takes)

    def _good_take(self, segment: Segment, tell: Tell) -> tuple[Judgement, int]:
        """The best take, and how many were made for it now."""
        key = speech_key(segment, self._settings, self._models)
        kept, takes = self._shelf.find(segment.id, key), 0
        if kept is None:
            tell("speaking")
            kept, takes = self._spoken(segment, key, 1), 1
            self._shelf.keep(segment.id, kept, new_audio=True)
        best = self._listened(segment, kept, tell, keep=True)
        while best.again:
            tell("speaking again")
            try:
                other = self._spoken(segment, key, best.kept.take.attempts + 1)
            except REFUSALS as error:
                return replace(best, alone=str(error)), takes
            takes += 1
            same = other.take.sha256 == best.kept.take.sha256
            judged = best if same else self._listened(segment, other, tell, keep=False)
            better = judged.score < best.score
            if judged.unheard and not better:
                return replace(best, alone=judged.unheard), takes
            best = judged if better else best.after(other.take)
            self._shelf.keep(segment.id, best.kept, new_audio=better)
        return best, takes

    def _spoken(self, segment: Segment, key: str, attempt: int) -> Kept:
        settings = self._settings
        began = time.monotonic()
        clip = self._speech.generate(
            segment.text,
            instruct=segment.instruct or None,
            language=settings.language_of(segment) or None,
            seed=settings.seed if attempt == 1 else next_seed(key, attempt),
            voice=settings.voice_of(segment) or None,
        )
        seconds = time.monotonic() - began
        recording = read_wav(clip.audio)
        take = Take(
            key, sha256(clip.audio), attempt, recording.duration_s, round(seconds, 3),
            recording.silent, seed=clip.seed, finish_reason=clip.finish_reason,
        )  # fmt: skip
        return Kept(take, clip.audio)

    def _listened(self, segment: Segment, kept: Kept, tell: Tell, *, keep: bool) -> Judgement:
        """Judged, after it was listened to where that is wanted and not known yet."""
        settings, take = self._settings, kept.take
        language = settings.language_of(segment)
        if settings.verify is None:
            return Judgement(kept, segment, settings, self._models)
        key = hearing_key(take.sha256, language or self._models.language_code, self._models)
        if take.heard is None or take.heard.key != key:
            tell("listening")
            try:
                text = self._recognition.transcribe(kept.audio, language=language or None).text
            except REFUSALS as error:
                return Judgement(kept, segment, settings, self._models, str(error))
            kept = Kept(replace(take, heard=Heard(key, text)), kept.audio)
            if keep:
                self._shelf.keep(segment.id, kept, new_audio=False)
        return Judgement(kept, segment, settings, self._models)

    def _timed(self, segment: Segment, kept: Kept) -> tuple[Kept, str]:
        """With word times, and what is wrong with them."""
        take, language = kept.take, self._settings.language_of(segment)
        spoken_in = language or self._models.language_code
        key = words_key(take.sha256, segment.text, spoken_in, self._models)
        times = take.times
        if times is None or times.key != key:
            times = Times(key, self._aligned(segment, kept, language))
            kept = Kept(replace(take, times=times), kept.audio)
            if not times.alignment.error:
                self._shelf.keep(segment.id, kept, new_audio=False)
        fault = fault_in(times.alignment, segment.text, take.duration_s)
        return kept, f"no word times: {fault}" if fault else ""

    def _aligned(self, segment: Segment, kept: Kept, language: str) -> Alignment:
        try:
            return self._recognition.align(kept.audio, segment.text, language=language or None)
        except REFUSALS as error:
            return Alignment((), str(error))
