"""A text that is ready to be spoken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voicehost.audio.joints import join
from voicehost.audio.wav import pcm16
from voicehost.engines.protocol import SPEECH_RATE, Speech, SpeechInput
from voicehost.speaking.clip import Clip
from voicehost.text.pieces import Piece

SEEDS = 2**32


@dataclass(frozen=True, slots=True)
class SpokenText:
    """`drawn` says that nobody asked for this seed: any take of the text will do."""

    pieces: tuple[Piece, ...]
    instruct: str
    language: str
    seed: int
    drawn: bool
    voice: str

    @property
    def text(self) -> str:
        """What is said, after cleaning."""
        return " ".join(piece.text for piece in self.pieces)

    def inputs(self) -> list[SpeechInput]:
        """One for each piece."""
        manner = self.instruct, self.language
        return [
            SpeechInput(piece.text, *manner, (self.seed + i) % SEEDS, self.voice)
            for i, piece in enumerate(self.pieces)
        ]

    def clip(self, spoken: Sequence[Speech]) -> Clip:
        """The clip of the pieces' results, in their order."""
        endings = [piece.ending for piece in self.pieces]
        audio = join([piece.audio for piece in spoken], endings, SPEECH_RATE)
        return Clip(pcm16(audio), self.seed, all(piece.complete for piece in spoken))
