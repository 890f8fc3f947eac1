"""One part of a text: spoken, listened to, spoken again where it is no good, and timed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from voicehost.audio.formats import encode
from voicehost.audio.wav import in_base64
from voicehost.engines.protocol import SPEECH_RATE
from voicehost.errand import Errand
from voicehost.errors import CallerGone, EngineFault, Unavailable, VoiceError
from voicehost.host import Host
from voicehost.memory.clips import remember
from voicehost.memory.wish import Wish
from voicehost.narration.parts import Part
from voicehost.narration.verdict import Verdict, judge
from voicehost.neighbour.server import Neighbour
from voicehost.speaking.clip import Clip
from voicehost.speaking.speaking import speak
from voicehost.speaking.text import SEEDS, SpokenText

# From one attempt's seed to the next: far from the seeds of a text's own pieces.
NEXT_SEED = 0x9E3779B9


@dataclass(frozen=True, slots=True)
class Take:
    """`sent` is the clip as the neighbour gets it; `verdict` is None where nobody listened."""

    clip: Clip
    sent: str
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Performed:
    """`words` are those of the part, with times in its own clip."""

    clip: Clip
    words: list[dict[str, Any]]
    verdict: Verdict | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Studio:
    """Has the voice here and the ears beside it, and what one call asks of them."""

    host: Host
    neighbour: Neighbour
    errand: Errand

    def perform(self, part: Part, verify: float | None, attempts: int) -> Performed:
        """Raises VoiceError."""
        take, made = self._take(part.spoken, self.errand.wish), 1
        if verify is not None:
            take = self._heard(part, take, verify)
            take, made = self._better(part, take, verify, attempts)
        return Performed(take.clip, self._words(part, take), take.verdict, made)

    def _better(self, part: Part, first: Take, verify: float, attempts: int) -> tuple[Take, int]:
        """The first good take, or else the best; and how many were made."""
        best = latest = first
        made = 1
        while made < attempts and not _good(best):
            try:
                again = self._again(part, made)
                made += 1
                if np.array_equal(again.clip.pcm, latest.clip.pcm):
                    break  # this voice says it in one way alone
                latest = self._heard(part, again, verify)
            except (CallerGone, Unavailable):
                raise
            except VoiceError:
                break
            if _badness(latest) < _badness(best):
                best = latest
        if made > 1:
            # What the audio store has for whoever asks for no seed: the last take, until now.
            text = replace(part.spoken, seed=best.clip.seed)
            remember(self.host, text, best.clip, self.errand.wish)
        return best, made

    def _again(self, part: Part, made: int) -> Take:
        if self.host.samples:
            seed = (part.spoken.seed + made * NEXT_SEED) % SEEDS
            other = replace(part.spoken, seed=seed, drawn=False)
            return self._take(other, self.errand.wish)
        # The audio store would answer with the same take.
        wish = Wish.NEITHER if self.errand.wish is Wish.NEITHER else Wish.RENEW
        return self._take(part.spoken, wish)

    def _take(self, text: SpokenText, wish: Wish) -> Take:
        clip = speak(self.host, self.errand, text, patient=True, wish=wish)
        return Take(clip, in_base64(encode(clip.pcm, SPEECH_RATE, "flac")))

    def _heard(self, part: Part, take: Take, verify: float) -> Take:
        language = part.spoken.language
        body = {"audio": take.sent, "language": language}
        heard = str(self.neighbour.call(self.errand, "/transcribe", body).get("text", ""))
        return replace(take, verdict=judge(take.clip, part.text, heard, language, verify))

    def _words(self, part: Part, take: Take) -> list[dict[str, Any]]:
        body = {"audio": take.sent, "text": part.text, "language": part.spoken.language}
        words = self.neighbour.call(self.errand, "/align", body).get("words")
        if not isinstance(words, list) or len(words) != len(part.words):
            raise EngineFault("The WhisperX server did not give a time for each word of the text.")
        return [dict(word) for word in words]


def _good(take: Take) -> bool:
    return take.verdict is None or take.verdict.passed


def _badness(take: Take) -> tuple[int, float]:
    return (0, 0.0) if take.verdict is None else take.verdict.badness
