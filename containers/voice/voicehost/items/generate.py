"""`/generate_batch` as single texts."""

from __future__ import annotations

from typing import Any

from voicehost.audio.formats import encode
from voicehost.audio.wav import in_base64
from voicehost.engines.protocol import SPEECH_RATE
from voicehost.errand import Errand
from voicehost.host import Host
from voicehost.items.call import BatchCall, Item
from voicehost.items.spoken import spoken_item, spoken_of
from voicehost.routes import speech_models as models
from voicehost.routes.work import check_batch
from voicehost.speaking.asked import batch_texts
from voicehost.speaking.speaking import speak


def generate_call(host: Host) -> BatchCall:
    def split(body: models.GenerateBatchRequest) -> list[Item]:
        check_batch(host, "texts", len(body.texts), host.settings.texts)
        return [
            {**spoken_item(given, text), "format": body.format}
            for given, text in zip(body.texts, batch_texts(host, body), strict=True)
        ]

    def perform(errand: Errand, item: Item) -> dict[str, Any]:
        clip = speak(host, errand, spoken_of(host, item, item["text"]), patient=True)
        audio = in_base64(encode(clip.pcm, SPEECH_RATE, item["format"]))
        return {
            "audio": audio,
            **clip.take(),
            "format": item["format"],
            "sample_rate": SPEECH_RATE,
        }

    return BatchCall(
        "/generate_batch",
        models.GenerateBatchRequest,
        split,
        perform,
        host.settings.text_body_mib,
        ("speak",),
    )
