"""Audio that came back: whether it can be heard, and is what was asked for."""

from __future__ import annotations

import base64
import binascii
import io
import json
from collections.abc import Iterator

import av
import soundfile

from bench.fuzz.answers import Answer

RATE = 24_000
WAV = (RATE, 1, "PCM_16", "WAV")
SOUND, EVENTS = "audio/", "text/event-stream"
BY_TYPE = {
    "audio/wav": "wav", "audio/flac": "flac", "audio/mpeg": "mp3", "audio/ogg": "opus",
    "audio/aac": "aac", "audio/pcm": "pcm",
}  # fmt: skip


def in_text(audio: str, kind: str) -> Iterator[str]:
    """What is wrong with a file in base64."""
    try:
        yield from in_bytes(base64.b64decode(audio, validate=True), kind)
    except binascii.Error as error:
        yield f"audio is no base64: {error}"


def in_bytes(file: bytes, kind: str) -> Iterator[str]:
    """What is wrong with a file of this format."""
    if kind == "pcm":
        if not file or len(file) % 2:
            yield f"PCM has {len(file)} bytes"
        return
    try:
        if kind == "wav":
            yield from _wav(file)
        elif not _samples(file):
            yield f"{kind} has no samples"
    except (soundfile.SoundFileError, av.FFmpegError, IndexError) as error:
        yield f"{kind} cannot be read: {error}"


def in_answer(answer: Answer) -> Iterator[str]:
    """What is wrong with an answer that is audio, or events that hold it."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind.startswith(SOUND):
        yield from in_bytes(answer.body, BY_TYPE.get(kind, kind))
    elif kind == EVENTS:
        yield from _events(answer.body)


def is_sound(answer: Answer) -> bool:
    return answer.headers.get("content-type", "").startswith((SOUND, EVENTS))


def _events(body: bytes) -> Iterator[str]:
    events = [part.removeprefix(b"data: ") for part in body.split(b"\n\n") if part]
    try:
        kinds = [json.loads(event)["type"] for event in events]
    except (ValueError, LookupError, TypeError) as error:
        yield f"an event cannot be read: {error!r}"
        return
    if not kinds or not kinds[-1].endswith(".done") or any(k.endswith(".done") for k in kinds[:-1]):
        yield f"events end without their end: {kinds[-3:]}"


def _wav(file: bytes) -> Iterator[str]:
    with soundfile.SoundFile(io.BytesIO(file)) as opened:
        found = (opened.samplerate, opened.channels, opened.subtype, opened.format)
        if found != WAV:
            yield f"audio is {found}"
        if opened.frames == 0:
            yield "audio has no samples"


def _samples(file: bytes) -> int:
    with av.open(io.BytesIO(file), "r") as container:
        stream = container.streams.audio[0]
        return sum(frame.samples for frame in container.decode(stream))
