"""Everything under `/v1`."""

from __future__ import annotations

from voicehost.host import Host
from voicehost.routes.catalog import Endpoint
from voicehost.v1 import audio_lists, models, speech, transcriptions
from voicehost.v1.passing import passed_on


def endpoints(host: Host) -> list[Endpoint]:
    """Both servers take everything: OpenAI's clients have one base URL."""
    hearing = transcriptions.endpoints(host)
    if host.server == "whisperx":
        return [*hearing, *models.endpoints(host)]
    speaking = [*speech.endpoints(host), *audio_lists.endpoints(host)]
    return [*speaking, *passed_on(host, hearing), *models.endpoints(host)]
