"""`GET /v1/audio/voices` and `/v1/audio/models`: what a person may choose from, in Open WebUI.

OpenAI has no such calls. Source: open_webui/routers/audio.py of open-webui/open-webui.
"""

from __future__ import annotations

from flask import Response, jsonify
from pydantic import BaseModel, Field

from voicehost.host import Host
from voicehost.routes.catalog import WORK_ERRORS, Endpoint
from voicehost.v1.errors import OpenAiFailure
from voicehost.v1.names import SPEECH_MODELS
from voicehost.v1.voices import Voices

ERRORS = {status: WORK_ERRORS[status] for status in (401, 403, 500)}


class ListedVoice(BaseModel):
    id: str = Field(description="What `voice` takes.")
    name: str = Field(description="For a person.")


class ListedVoices(BaseModel):
    voices: list[ListedVoice]


class ListedModel(BaseModel):
    id: str = Field(description="What `model` takes.")


class ListedModels(BaseModel):
    """Those that speak."""

    models: list[ListedModel]


def endpoints(host: Host) -> list[Endpoint]:
    named = Voices(host.voices, host.settings.openai_voices).listed()

    def voices() -> Response:
        listed = [ListedVoice(id=each, name=name) for each, name in named.items()]
        return jsonify(ListedVoices(voices=listed).model_dump())

    def models() -> Response:
        own = host.schedulers["speak"].engine.model
        names = dict.fromkeys([own, *SPEECH_MODELS])
        listed = [ListedModel(id=name) for name in names]
        return jsonify(ListedModels(models=listed).model_dump())

    return [
        Endpoint("GET", "/v1/audio/voices", "results", "The voices, for Open WebUI", voices,
                 ListedVoices, errors=ERRORS, failure=OpenAiFailure,
                 description="The engine's own, and those that the server's settings name."),
        Endpoint("GET", "/v1/audio/models", "results", "The models that speak, for Open WebUI",
                 models, ListedModels, errors=ERRORS, failure=OpenAiFailure),
    ]  # fmt: skip
