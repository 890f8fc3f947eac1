"""A text as it is spoken: stretch by stretch, each as soon as it is there."""

from __future__ import annotations

from collections.abc import Iterator

from voicehost.audio.joints import joined
from voicehost.audio.wav import pcm16
from voicehost.engines.protocol import SPEECH_RATE, Audio, Speech
from voicehost.errand import Errand
from voicehost.host import Host
from voicehost.speaking.clip import Clip, Pcm
from voicehost.speaking.speaking import Speaking
from voicehost.speaking.text import SpokenText


class Stretches:
    """Together they are the clip that `speak` would make; `clip` is there once all have come.

    `whole` says that there is but one: the text is short, or the audio store has it.
    """

    def __init__(self, host: Host, errand: Errand, text: SpokenText) -> None:
        self._scheduler = host.schedulers["speak"]
        self._errand = errand
        self._text = text
        self._speaking = Speaking(host, [text], errand.wish)
        self._payloads = self._speaking.payloads()
        self.whole = len(self._payloads) < 2
        self.clip: Clip | None = None

    def __iter__(self) -> Iterator[Pcm]:
        """Raises VoiceError. Leaving early drops what is not spoken yet."""
        spoken: list[Speech] = []
        if self.whole:
            if self._payloads:
                spoken = self._errand.run(self._scheduler, self._payloads)
            yield self._end(spoken).pcm
            return
        endings = [piece.ending for piece in self._text.pieces]
        for audio in joined(self._audios(spoken), endings, SPEECH_RATE):
            yield pcm16(audio)
        self._end(spoken)

    def _audios(self, spoken: list[Speech]) -> Iterator[Audio]:
        for speech in self._errand.each(self._scheduler, self._payloads):
            spoken.append(speech)
            yield speech.audio

    def _end(self, spoken: list[Speech]) -> Clip:
        clip = self.clip = self._speaking.clips(spoken)[0]
        self._errand.note_audio(clip.seconds)
        return clip
