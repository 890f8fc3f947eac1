"""Clips in the audio store, as FLAC: every sample is kept, so any format can be made of them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import soundfile

from voicehost.audio.formats import encode
from voicehost.engines.protocol import SPEECH_RATE
from voicehost.host import Host
from voicehost.memory.names import speech_name
from voicehost.memory.wish import Wish
from voicehost.speaking.clip import Clip
from voicehost.speaking.text import SpokenText


def recall(host: Host, texts: Sequence[SpokenText], wish: Wish) -> list[Clip | None]:
    """What is kept of each text; of one whose seed was drawn, any take."""
    if wish is not Wish.USE:
        return [None for _ in texts]
    names = [name for text in texts for name in _names(host, text, [_asked(text)])]
    if host.memory is None or not names:
        return [None for _ in texts]
    found = host.memory.find(names, _clip)
    return [_for(host, text, clip) for text, clip in zip(texts, found, strict=True)]


def remember(host: Host, text: SpokenText, clip: Clip, wish: Wish) -> None:
    """Keep a clip, in the background: under its seed, and as the take for whoever asks for none.

    The latter is left out where the model found no end: another seed may do better.
    """
    if host.memory is None or wish is Wish.NEITHER or len(clip.pcm) == 0:
        return
    seeds: set[int | None] = {text.seed} if host.samples else set()
    if text.drawn and (clip.complete or not host.samples):
        seeds.add(None)
    if names := _names(host, text, list(seeds)):
        head = {"seed": clip.seed, "complete": clip.complete}
        host.memory.keep(
            names, head, lambda: encode(clip.pcm, SPEECH_RATE, "flac"), clip.pcm.nbytes
        )


def _asked(text: SpokenText) -> int | None:
    return None if text.drawn else text.seed


def _names(host: Host, text: SpokenText, seeds: Sequence[int | None]) -> list[str]:
    """One for each seed; none while, or because, it is not known what speaks."""
    engine = host.schedulers["speak"].engine.fingerprint
    if engine is None or host.speaker is None or host.memory is None or not host.memory.on:
        return []
    speaker = host.speaker.name
    return [speech_name(text, engine=engine, speaker=speaker, seed=seed) for seed in seeds]


def _for(host: Host, text: SpokenText, clip: Clip | None) -> Clip | None:
    # A voice that does not sample gives the same clip for every seed, and says the caller's.
    return clip if clip is None or host.samples else replace(clip, seed=text.seed)


def _clip(head: dict[str, Any], body: bytes) -> Clip:
    pcm, rate = soundfile.read(io.BytesIO(body), dtype="int16")
    if rate != SPEECH_RATE or pcm.ndim != 1:
        raise ValueError("not a clip")
    return Clip(pcm, head["seed"], head["complete"], reused=True)
