"""`GET /v1/models`: what OpenAI's clients may ask for by name."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Literal

from flask import Response, jsonify
from pydantic import BaseModel, Field

from voicehost.errors import UnknownModel
from voicehost.host import Host
from voicehost.routes.catalog import WORK_ERRORS, Endpoint, Parameter
from voicehost.v1.errors import OpenAiFailure
from voicehost.v1.names import MOST_SHOWN, SPEECH_MODELS, TRANSCRIPTION_MODELS
from voicehost.v1.passing import neighbour_models
from voicehost.web.scope import scope

ERRORS = {status: WORK_ERRORS[status] for status in (401, 403, 500, 503)}
OWNER = "gpu-voice"


class Model(BaseModel):
    id: str
    object: Literal["model"]
    created: int = Field(description="When this server started, in Unix seconds.")
    owned_by: str


class Models(BaseModel):
    object: Literal["list"]
    data: list[Model]


def endpoints(host: Host) -> list[Endpoint]:
    began = int(time.time())

    def known() -> list[Model]:
        # Asking the neighbour takes a place like any call.
        scope().enter_context(host.gate.request(0))
        return [
            Model(id=name, object="model", created=began, owned_by=OWNER) for name in _names(host)
        ]

    def models() -> Response:
        return jsonify(Models(object="list", data=known()).model_dump())

    def model(model: str) -> Response:
        for found in known():
            if found.id == model:
                return jsonify(found.model_dump())
        raise UnknownModel(
            f"model: there is no {model[:MOST_SHOWN]!r} here; /v1/models lists what there is."
        )

    return [
        Endpoint("GET", "/v1/models", "results", "The models' names, for OpenAI's clients", models,
                 Models, errors=ERRORS, failure=OpenAiFailure,
                 description="The engine's own, and OpenAI's names that stand for it."),
        Endpoint("GET", "/v1/models/{model}", "results", "One model, for OpenAI's clients", model,
                 Model, errors=ERRORS | {404: "There is no such model."}, failure=OpenAiFailure,
                 parameters=[Parameter("model", "path", "A name from the list; it may hold "
                                       "slashes.", slashes=True)]),
    ]  # fmt: skip


def _names(host: Host) -> Sequence[str]:
    if host.server == "whisperx":
        own = host.schedulers["transcribe"].engine.model
        return list(dict.fromkeys([own, *TRANSCRIPTION_MODELS]))
    own = host.schedulers["speak"].engine.model
    return list(dict.fromkeys([own, *SPEECH_MODELS, *neighbour_models(host)]))
