"""The bytes of a file, made while its text is being spoken."""

from __future__ import annotations

from collections.abc import Iterator

from voicehost.audio.encoder import Encoder
from voicehost.audio.formats import AudioFormat, encode
from voicehost.audio.tempo import Tempo, at_speed
from voicehost.engines.protocol import SPEECH_RATE
from voicehost.speaking.stretches import Stretches


def sounding(stretches: Stretches, to: AudioFormat, speed: float) -> Iterator[bytes]:
    """Parts of the file, none empty; a single one where the clip comes as a whole.

    Raises VoiceError.
    """
    if stretches.whole:
        for pcm in stretches:
            yield encode(at_speed(pcm, speed, SPEECH_RATE), SPEECH_RATE, to)
        return
    tempo, encoder = Tempo(speed, SPEECH_RATE), Encoder(to, SPEECH_RATE)
    for pcm in stretches:
        if made := encoder.add(tempo.add(pcm)):
            yield made
    if made := encoder.add(tempo.end()) + encoder.end():
        yield made
