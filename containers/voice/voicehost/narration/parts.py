"""A long text as parts that are spoken, checked and timed one by one, and joined again.

Finding words takes time and memory that grow with a clip's length, and a fault in a long clip
should cost no more than the part that has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from voicehost.audio.joints import FADE_SECONDS, MARGIN_SECONDS, PAUSE_SECONDS
from voicehost.engines.protocol import SPEECH_RATE
from voicehost.narration.sound import sound_of
from voicehost.speaking.clip import Clip, Pcm
from voicehost.speaking.text import SEEDS, SpokenText
from voicehost.text.pieces import Ending

# Some 100 s of speech; at the slowest that passes for speech still less than engines align.
PART_CHARACTERS = 1200


@dataclass(frozen=True, slots=True)
class Part:
    """`text` is what it says, `words` all that it has something of, as places in the whole text's
    words: the first is shared with the part before where a word is cut between them."""

    spoken: SpokenText
    text: str
    words: range
    ending: Ending


def parts_of(spoken: SpokenText, text: str) -> tuple[Part, ...]:
    """Whole pieces, so that seeds mean what they mean for the whole; `text` is what they say."""
    cuts: list[tuple[int, int]] = []
    first, length = 0, 0
    for index, piece in enumerate(spoken.pieces):
        if index > first and length + len(piece.text) > PART_CHARACTERS:
            cuts.append((first, index))
            first, length = index, 0
        length += len(piece.text) + 1
    cuts.append((first, len(spoken.pieces)))
    return tuple(_parts(spoken, text, cuts))


def _parts(spoken: SpokenText, text: str, cuts: Sequence[tuple[int, int]]) -> list[Part]:
    # Pieces have spaces between them where the text may have none.
    places = [place for place, character in enumerate(text) if not character.isspace()]
    parts, passed = [], 0
    for first, after in cuts:
        pieces = spoken.pieces[first:after]
        begins = places[passed]
        shared = passed > 0 and places[passed - 1] == begins - 1
        passed += sum(not character.isspace() for piece in pieces for character in piece.text)
        own = text[begins : places[passed - 1] + 1]
        start = len(text[:begins].split()) - shared
        words = range(start, start + len(own.split()))
        part = replace(spoken, pieces=pieces, seed=(spoken.seed + first) % SEEDS)
        parts.append(Part(part, own, words, pieces[-1].ending))
    return parts


def joined(clips: Sequence[Clip], endings: Sequence[Ending]) -> tuple[Pcm, list[float]]:
    """One clip of several, with the pause between them that each ending asks for; and for each
    how many seconds later its sounds are in the whole."""
    if len(clips) == 1:
        return clips[0].pcm, [0.0]
    stretches: list[Pcm] = []
    shifts, length = [], 0
    for index, (clip, ending) in enumerate(zip(clips, endings, strict=True)):
        first, last = index == 0, index == len(clips) - 1
        start, end = _speech(clip.pcm)
        start, end = (0 if first else start), (len(clip.pcm) if last else end)
        shifts.append((length - start) / SPEECH_RATE)
        pause = 0 if last else round((PAUSE_SECONDS[ending] - 2 * MARGIN_SECONDS) * SPEECH_RATE)
        stretch = _faded(clip.pcm[start:end], into=not first, out=not last)
        stretches += [stretch, np.zeros(max(0, pause), np.int16)]
        length += len(stretches[-2]) + len(stretches[-1])
    return np.concatenate(stretches), shifts


def _speech(pcm: Pcm) -> tuple[int, int]:
    sound = sound_of(pcm)
    if sound.leading_silence >= sound.seconds:
        return 0, len(pcm)
    start = sound.leading_silence - MARGIN_SECONDS
    end = sound.seconds - sound.trailing_silence + MARGIN_SECONDS
    return max(0, round(start * SPEECH_RATE)), min(len(pcm), round(end * SPEECH_RATE))


def _faded(pcm: Pcm, *, into: bool, out: bool) -> Pcm:
    count = min(len(pcm) // 2, round(FADE_SECONDS * SPEECH_RATE))
    faded = pcm.astype(np.float32)
    ramp = np.linspace(0.0, 1.0, count, dtype=np.float32)
    if into and count:
        faded[:count] *= ramp
    if out and count:
        faded[-count:] *= ramp[::-1]
    return faded.astype(np.int16)
