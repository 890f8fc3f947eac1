"""Transcription, and word times of a known text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gpuvoice.config import ClientConfig
from gpuvoice.encoding import to_text
from gpuvoice.errors import ServerFailed
from gpuvoice.model_server import ModelServer
from gpuvoice.results import Alignment, Transcription


class Recognition(ModelServer):
    """The WhisperX server; `audio` is a file as WAV, FLAC, OGG, MP3, M4A or WebM. Threads may share
    it.

    Every call raises Unreachable, KeyRefused, RequestRefused, NotReady or ServerFailed.
    """

    called = "recognition server"

    @staticmethod
    def url_in(config: ClientConfig) -> str:
        return config.recognition_url

    def transcribe(self, audio: bytes, *, language: str | None = None) -> Transcription:
        """What is said; `language` is an ISO 639-1 code."""
        answer = self.ask("POST", "/transcribe", {"audio": to_text(audio), **_in(language)})
        return _transcription(answer)

    def transcribe_batch(
        self, audios: Sequence[bytes], *, language: str | None = None
    ) -> list[Transcription]:
        """What is said in each, in their order."""
        body = {"audios": [to_text(audio) for audio in audios], **_in(language)}
        answer = self.ask("POST", "/transcribe_batch", body)
        return [_transcription(each) for each in _many(answer, "transcriptions", len(audios))]

    def align(self, audio: bytes, text: str, *, language: str | None = None) -> Alignment:
        """When each word of `text.split()` is said."""
        body = {"audio": to_text(audio), "text": text, **_in(language)}
        return _alignment(self.ask("POST", "/align", body), text)

    def align_batch(
        self, items: Sequence[tuple[bytes, str]], *, language: str | None = None
    ) -> list[Alignment]:
        """For pairs of audio and text; one that failed has no words and an `error`."""
        sent = [{"audio": to_text(audio), "text": text} for audio, text in items]
        answer = self.ask("POST", "/align_batch", {"items": sent, **_in(language)})
        found = _many(answer, "alignments", len(items))
        return [_alignment(each, text) for each, (_, text) in zip(found, items, strict=True)]


def _in(language: str | None) -> dict[str, str]:
    return {} if language is None else {"language": language}


def _many(answer: Mapping[str, Any], name: str, count: int) -> list[Mapping[str, Any]]:
    found = answer.get(name)
    if not isinstance(found, list) or len(found) != count:
        raise ServerFailed(f"The recognition server sent other than {count} {name}.")
    return found


def _transcription(data: Mapping[str, Any]) -> Transcription:
    if not isinstance(data.get("text"), str):
        raise ServerFailed("The recognition server sent a transcription without a text.")
    return Transcription(data["text"])


def _alignment(data: Mapping[str, Any], text: str) -> Alignment:
    try:
        alignment = Alignment.read(data)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ServerFailed("The recognition server sent words that cannot be read.") from None
    if not alignment.error and len(alignment.words) != len(text.split()):
        raise ServerFailed("The recognition server sent other words than those of the text.")
    return alignment
