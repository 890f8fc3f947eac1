"""Text to speech."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gpuvoice.config import ClientConfig
from gpuvoice.encoding import to_audio
from gpuvoice.errors import ServerFailed
from gpuvoice.model_server import ModelServer
from gpuvoice.results import Clip


class Speech(ModelServer):
    """The text-to-speech server. Calls may come from several threads at once.

    Every call raises Unreachable, KeyRefused, RequestRefused, NotReady or ServerFailed.
    """

    called = "speech server"

    @staticmethod
    def url_in(config: ClientConfig) -> str:
        return config.speech_url

    def generate(
        self,
        text: str,
        *,
        instruct: str | None = None,
        language: str | None = None,
        seed: int | None = None,
        voice: str | None = None,
    ) -> Clip:
        """Speak one text; `language` is an ISO 639-1 code."""
        given = {"instruct": instruct, "language": language, "seed": seed, "voice": voice}
        answer = self.ask("POST", "/generate", {"text": text, **_without_nothing(given)})
        return _clip(answer.get("audio"), answer, answer)

    def generate_batch(
        self,
        texts: Sequence[str],
        *,
        instruct: str | None = None,
        instructs: Sequence[str | None] | None = None,
        language: str | None = None,
        seed: int | None = None,
        seeds: Sequence[int | None] | None = None,
        voice: str | None = None,
        voices: Sequence[str | None] | None = None,
    ) -> list[Clip]:
        """One clip for each text, in their order."""
        given = {
            "instruct": instruct,
            "instructs": None if instructs is None else [each or "" for each in instructs],
            "language": language,
            "seed": seed,
            "seeds": None if seeds is None else list(seeds),
            "voice": voice,
            "voices": None if voices is None else list(voices),
        }
        body = {"texts": list(texts), **_without_nothing(given)}
        answer = self.ask("POST", "/generate_batch", body)
        audios = answer.get("audios")
        if not isinstance(audios, list) or len(audios) != len(texts):
            raise ServerFailed(f"The speech server sent other than {len(texts)} clips.")
        takes = answer.get("takes")
        if not isinstance(takes, list) or len(takes) != len(audios):
            takes = [{}] * len(audios)
        return [_clip(audio, answer, take) for audio, take in zip(audios, takes, strict=True)]


def _clip(audio: object, answer: Mapping[str, Any], take: Mapping[str, Any]) -> Clip:
    rate, seed, reason = answer.get("sample_rate"), take.get("seed"), take.get("finish_reason")
    return Clip(
        to_audio(audio),
        rate if isinstance(rate, int) else 24000,
        seed if isinstance(seed, int) else None,
        reason if isinstance(reason, str) else None,
    )


def _without_nothing(fields: Mapping[str, object]) -> dict[str, object]:
    """Older servers refuse fields that they do not know: only what was asked for is sent."""
    return {name: value for name, value in fields.items() if value is not None}
