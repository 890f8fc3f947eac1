"""A transcript in the formats that OpenAI's clients ask for."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from voicehost.alignment.words import AlignedWord
from voicehost.engines.protocol import Transcript
from voicehost.routes.word_times import words_body
from voicehost.subtitles.cues import Cue, cues
from voicehost.v1.events import event
from voicehost.v1.languages import english_name

TEXT_TYPE = "text/plain; charset=utf-8"
EVENTS_TYPE = "text/event-stream; charset=utf-8"
UNKNOWN = "Not known here: always 0."


class Duration(BaseModel):
    """What the call was about, in seconds."""

    type: Literal["duration"] = "duration"
    seconds: int


class TranscriptionAnswer(BaseModel):
    text: str
    usage: Duration


class TranscriptionSegment(BaseModel):
    id: int
    seek: int = Field(0, description=UNKNOWN)
    start: float = Field(description="Seconds from the start of the audio.")
    end: float
    text: str
    tokens: list[int] = Field(default=[], description="Not known here: always empty.")
    temperature: float = 0.0
    avg_logprob: float = Field(0.0, description=UNKNOWN)
    compression_ratio: float = Field(description="Of the text; repetitions make it high.")
    no_speech_prob: float = Field(0.0, description=UNKNOWN)


class TranscriptionWord(BaseModel):
    """One whitespace-separated word of the text."""

    word: str
    start: float = Field(description="Seconds from the start of the audio.")
    end: float
    aligned: bool = Field(description="False when the times were interpolated between neighbours.")


class VerboseTranscription(BaseModel):
    task: Literal["transcribe"] = "transcribe"
    language: str = Field(description="Its English name: `english`.")
    duration: float = Field(description="Length of the audio, in seconds.")
    text: str
    usage: Duration
    segments: list[TranscriptionSegment] | None = Field(
        None, description="Missing where only words were asked for."
    )
    words: list[TranscriptionWord] | None = Field(
        None, description="Where words were asked for: one for each word of the text."
    )


def usage(seconds: float) -> Duration:
    return Duration(seconds=math.ceil(seconds))


def verbose(
    transcript: Transcript,
    seconds: float,
    language: str,
    *,
    segments: bool,
    words: Sequence[AlignedWord] | None,
) -> dict[str, Any]:
    """The body of a verbose_json answer."""
    answer = VerboseTranscription(
        language=english_name(language),
        duration=round(seconds, 3),
        text=transcript.text,
        usage=usage(seconds),
        segments=_segments(transcript) if segments else None,
        words=None if words is None else [_word(body) for body in words_body(words)],
    )
    return answer.model_dump(exclude_none=True)


def spoken_cues(words: Sequence[AlignedWord], seconds: float) -> list[Cue]:
    return cues([(word.word, word.start, word.end) for word in words], seconds)


def events(transcript: Transcript) -> Iterator[bytes]:
    """Server-sent events: a delta for each segment, which together are the text; and the end."""
    sent = 0
    for segment in transcript.segments:
        upto = transcript.text.index(segment.text, sent) + len(segment.text)
        yield event({"type": "transcript.text.delta", "delta": transcript.text[sent:upto]})
        sent = upto
    if rest := transcript.text[sent:]:
        yield event({"type": "transcript.text.delta", "delta": rest})
    yield event({"type": "transcript.text.done", "text": transcript.text})


def _segments(transcript: Transcript) -> list[TranscriptionSegment]:
    return [
        TranscriptionSegment(
            id=number,
            start=round(segment.start, 3),
            end=round(segment.end, 3),
            text=segment.text,
            compression_ratio=_compression(segment.text),
        )
        for number, segment in enumerate(transcript.segments)
    ]


def _compression(text: str) -> float:
    # As Whisper's own: https://github.com/openai/whisper/blob/main/whisper/utils.py
    plain = text.encode()
    return round(len(plain) / len(zlib.compress(plain)), 3)


def _word(body: dict[str, Any]) -> TranscriptionWord:
    return TranscriptionWord(**{name: body[name] for name in TranscriptionWord.model_fields})
