"""`/narrate` as single texts."""

from __future__ import annotations

from typing import Any

from voicehost.audio.wav import in_base64
from voicehost.errand import Errand
from voicehost.errors import RequestError, VoiceError
from voicehost.host import Host
from voicehost.items.call import BatchCall, Item
from voicehost.items.spoken import spoken_item
from voicehost.narration.narrate import narrate
from voicehost.narration.order import marked_text, order
from voicehost.narration.result import Narrated
from voicehost.routes.narrate_models import NarrateRequest
from voicehost.routes.speech_models import GenerateBatchRequest, GenerateRequest
from voicehost.routes.work import check_batch
from voicehost.speaking.asked import batch_texts, one_text
from voicehost.speaking.text import SpokenText


def narrate_call(host: Host) -> BatchCall:
    def split(body: NarrateRequest) -> list[Item]:
        return [
            {
                **spoken_item(written, text),
                "format": body.format,
                "verify": body.verify,
                "attempts": body.attempts,
            }
            for written, text in _texts(host, body)
        ]

    def perform(errand: Errand, item: Item) -> dict[str, Any]:
        (outcome,) = narrate(host, errand, [order(host, item)])
        if isinstance(outcome, VoiceError):
            raise outcome
        return item_body(outcome)

    return BatchCall(
        "/narrate", NarrateRequest, split, perform, host.settings.text_body_mib, ("speak",)
    )


def item_body(narrated: Narrated) -> dict[str, Any]:
    """One text with its audio, for JSON."""
    return {"audio": in_base64(narrated.file), **narrated.facts}


def _texts(host: Host, body: NarrateRequest) -> list[tuple[str, SpokenText]]:
    """What was written and what is said. Raises RequestError, TooLarge."""
    asked: dict[str, Any] = {
        "instruct": body.instruct,
        "language": body.language,
        "voice": body.voice,
        "seed": body.seed,
    }
    if body.text is not None and body.texts is None:
        host.batches.check(1)
        for name in ("instructs", "voices", "seeds"):
            if getattr(body, name) is not None:
                raise RequestError(f"{name}: goes with texts; send {name[:-1]} with text.")
        plain = marked_text(host, "text", body.text).plain
        return [(body.text, one_text(host, GenerateRequest(text=plain, **asked)))]
    if body.texts is None or body.text is not None:
        raise RequestError("Send either text, for one, or texts, for several.")
    check_batch(host, "texts", len(body.texts), host.settings.texts)
    plains = [marked_text(host, f"texts[{i}]", text).plain for i, text in enumerate(body.texts)]
    each: dict[str, Any] = {"instructs": body.instructs, "voices": body.voices, "seeds": body.seeds}
    spoken = batch_texts(host, GenerateBatchRequest(texts=plains, **asked, **each))
    return list(zip(body.texts, spoken, strict=True))
