"""What OpenAI's clients send to have a text spoken."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from voicehost.audio.formats import AudioFormat
from voicehost.audio.tempo import FASTEST, SLOWEST
from voicehost.routes.catalog import Strict
from voicehost.routes.speech_models import LANGUAGE, SEED_TEXT
from voicehost.speaking.text import SEEDS


class VoiceId(Strict):
    """A voice by its name."""

    id: str


class SpeechRequest(Strict):
    model: str = Field(
        description="The engine's own model, or one of OpenAI's names, which all stand for it."
    )
    input: str = Field(
        description="What to say.", json_schema_extra={"maxLength": "text_characters"}
    )
    voice: str | VoiceId | None = Field(
        None,
        description="Who speaks: a name from `voices` of `/health`, in any case. OpenAI's names "
        "are the server's own speaker, unless its settings give them to others.",
    )
    instructions: str | None = Field(
        None,
        description="How to say it, for models that take it.",
        json_schema_extra={"maxLength": "instruct_characters"},
    )
    response_format: AudioFormat | None = Field(
        None,
        description="`mp3` when left out. wav and flac come whole; the others are sent while a "
        "long text is still being spoken. opus is in Ogg; pcm is 24000 Hz, mono, 16 bit "
        "little-endian, without a header.",
    )
    speed: float | None = Field(
        None,
        ge=SLOWEST,
        le=FASTEST,
        description="How fast, 1 when left out. The pitch stays.",
    )
    stream_format: Literal["audio", "sse"] | None = Field(
        None,
        description="`audio`, when left out, is the file itself; `sse` are server-sent events: "
        "`speech.audio.delta` with a part of it in base64, and `speech.audio.done` at the end.",
    )
    language: str | None = LANGUAGE
    seed: int | None = Field(None, ge=0, lt=SEEDS, description=SEED_TEXT)

    @property
    def voice_name(self) -> str:
        return self.voice.id if isinstance(self.voice, VoiceId) else self.voice or ""


class Usage(BaseModel):
    """This server counts no tokens."""

    input_tokens: int = Field(description="Characters of the text.")
    output_tokens: int = Field(description="Frames of 80 ms of the audio.")
    total_tokens: int


class SpeechEvent(BaseModel):
    """One of the server-sent events, with `stream_format` sse."""

    type: Literal["speech.audio.delta", "speech.audio.done"]
    audio: str | None = Field(None, description="Of a delta: a part of the file, in base64.")
    usage: Usage | None = Field(None, description="Of the end.")


EXAMPLE: dict[str, Any] = {"model": "tts-1", "voice": "alloy", "input": "Good morning."}
