"""Text to speech."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gpuvoice.config import ClientConfig
from gpuvoice.encoding import to_audio
from gpuvoice.errors import ServerFailed
from gpuvoice.model_server import ModelServer
from gpuvoice.narrated import Narrated
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
        format: str | None = None,
    ) -> Clip:
        """Speak one text; `language` is an ISO 639-1 code, `format` wav (if None), flac, mp3,
        opus, aac or pcm."""
        given = {
            "instruct": instruct,
            "language": language,
            "seed": seed,
            "voice": voice,
            "format": format,
        }
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
        format: str | None = None,
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
            "format": format,
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

    def narrate(self, text: str, **asked: Any) -> Narrated:
        """Speak a text with `{#markers}` in it, and find when each word and marker is reached.

        `asked`: instruct, language, voice, seed and format as for `generate`; `verify`, the word
        error rate above which it is spoken again, at most `attempts` times.
        """
        return _narrated(self.ask("POST", "/narrate", {"text": text, **_without_nothing(asked)}))

    def narrate_batch(self, texts: Sequence[str], **asked: Any) -> list[Narrated]:
        """The same for each text, in their order; one that failed has an `error`. `asked` may
        also have instructs, voices and seeds."""
        body = {"texts": list(texts), **_without_nothing(asked)}
        items = self.ask("POST", "/narrate", body).get("items")
        if not isinstance(items, list) or len(items) != len(texts):
            raise ServerFailed(f"The speech server sent other than {len(texts)} narrations.")
        return [_narrated(item) for item in items]


def _clip(audio: object, answer: Mapping[str, Any], take: Mapping[str, Any]) -> Clip:
    rate, seed, reason = answer.get("sample_rate"), take.get("seed"), take.get("finish_reason")
    kind = answer.get("format")
    return Clip(
        to_audio(audio),
        rate if isinstance(rate, int) else 24000,
        seed if isinstance(seed, int) else None,
        reason if isinstance(reason, str) else None,
        kind if isinstance(kind, str) else "wav",
    )


def _narrated(data: Mapping[str, Any]) -> Narrated:
    try:
        narrated = Narrated.read(data)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ServerFailed("The speech server sent a narration that cannot be read.") from None
    if not narrated.error and len(narrated.words) != len(narrated.text.split()):
        raise ServerFailed("The speech server sent other words than those of the text.")
    return narrated


def _without_nothing(fields: Mapping[str, object]) -> dict[str, object]:
    """Older servers refuse fields that they do not know: only what was asked for is sent."""
    return {name: value for name, value in fields.items() if value is not None}
