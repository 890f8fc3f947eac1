"""Whether a take is good enough, and why not."""

from __future__ import annotations

from dataclasses import dataclass

from voicehost.narration.sound import Sound, sound_of, usual_seconds
from voicehost.narration.word_errors import WordErrors, word_errors
from voicehost.speaking.clip import Clip

# Voices pause for 0.4 s between sentences and for a second where an instruct asks for it; models
# that lose their way are silent for longer.
MOST_INNER_SILENCE = 2.5
MOST_OUTER_SILENCE = 2.0
# Speech lies around -25 dB.
LEAST_LEVEL = -45.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`faults` are sentences about the sound, whatever was heard in it; `most_errors` is the word
    error rate that is still good."""

    heard: str
    errors: WordErrors
    sound: Sound
    faults: tuple[str, ...]
    most_errors: float

    @property
    def passed(self) -> bool:
        return not self.reasons

    @property
    def reasons(self) -> list[str]:
        """Sentences; none for a good take."""
        if self.errors.rate <= self.most_errors:
            return list(self.faults)
        rate = f"The word error rate is {self.errors.rate:.2f}, above {self.most_errors:g}."
        return [rate, *self.faults]

    @property
    def badness(self) -> tuple[int, float]:
        """The lower the better."""
        return len(self.faults), self.errors.rate


def judge(clip: Clip, text: str, heard: str, language: str, most_errors: float) -> Verdict:
    """A take of a text, of which this was heard."""
    sound = sound_of(clip.pcm)
    faults = [] if clip.complete else ["The model found no end and was cut off."]
    faults += _sound_faults(sound, text)
    return Verdict(heard, word_errors(text, heard, language), sound, tuple(faults), most_errors)


def _sound_faults(sound: Sound, text: str) -> list[str]:
    if sound.level < LEAST_LEVEL:
        return [f"Its level is {sound.level:.0f} dB, below {LEAST_LEVEL:.0f} dB: next to nothing."]
    least, most = usual_seconds(text)
    faults = []
    if sound.seconds < least:
        faults.append(f"It lasts {sound.seconds:.1f} s, less than {least:.1f} s for such a text.")
    if sound.seconds > most:
        faults.append(f"It lasts {sound.seconds:.1f} s, more than {most:.1f} s for such a text.")
    for silence, limit, where in (
        (sound.leading_silence, MOST_OUTER_SILENCE, "begins with"),
        (sound.longest_silence, MOST_INNER_SILENCE, "is interrupted by"),
        (sound.trailing_silence, MOST_OUTER_SILENCE, "ends with"),
    ):
        if silence > limit:
            faults.append(f"It {where} {silence:.1f} s of silence, more than {limit:g} s.")
    return faults
