"""The texts of one call: what the audio store has of them, and what has to be spoken."""

from __future__ import annotations

from collections.abc import Sequence

from voicehost.engines.protocol import Speech, SpeechInput
from voicehost.errand import Errand
from voicehost.host import Host
from voicehost.memory.clips import recall, remember
from voicehost.memory.wish import Wish
from voicehost.speaking.clip import Clip
from voicehost.speaking.text import SpokenText


class Speaking:
    def __init__(self, host: Host, texts: Sequence[SpokenText], wish: Wish) -> None:
        self._host = host
        self._texts = texts
        self._wish = wish
        self._found = recall(host, texts, wish)

    def payloads(self) -> list[SpeechInput]:
        """What the engine has to speak, in order."""
        return [
            piece
            for text, found in zip(self._texts, self._found, strict=True)
            if found is None
            for piece in text.inputs()
        ]

    def clips(self, results: Sequence[Speech]) -> list[Clip]:
        """A clip for each text, of what was found and of the results for `payloads()`."""
        rest = iter(results)
        clips: list[Clip] = []
        for text, found in zip(self._texts, self._found, strict=True):
            clip = found or text.clip([next(rest) for _ in text.pieces])
            if found is None:
                remember(self._host, text, clip, self._wish)
            clips.append(clip)
        return clips


def speak(
    host: Host,
    errand: Errand,
    text: SpokenText,
    *,
    patient: bool = False,
    wish: Wish | None = None,
) -> Clip:
    """One text, spoken now; `wish` is the errand's when left out. Raises VoiceError."""
    speaking = Speaking(host, [text], errand.wish if wish is None else wish)
    results = errand.run(host.schedulers["speak"], speaking.payloads(), patient=patient)
    clip = speaking.clips(results)[0]
    errand.note_audio(clip.seconds)
    return clip
