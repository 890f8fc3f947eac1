"""`/health` of an adopted server: the contract's fields, and what the team's own says beside."""

from __future__ import annotations

from typing import Literal

from flask import Response, jsonify
from pydantic import BaseModel, ConfigDict, Field

from voicehost import __version__
from voicehost.adopted.engine import AdoptedEngine
from voicehost.adopted.voices import own_voices
from voicehost.host import Host
from voicehost.routes.catalog import Endpoint

ENGINES = {"tts": "qwen3-tts", "whisperx": "whisperx"}


class AdoptedHealth(BaseModel):
    """Further fields are those of the team's own `/health`, asked once when its model was there."""

    model_config = ConfigDict(extra="allow")

    status: Literal["ok"]
    model_loaded: bool
    engine: str
    device: str
    gpu_name: str | None
    family: Literal["adopted"]
    model: str = Field(description="The team's module, unless its own `/health` names a model.")
    version: str
    slot: str | None
    release: str | None


def endpoint(host: Host, engine: AdoptedEngine) -> Endpoint:
    """In the place of the usual `/health`; it never waits for the team's code."""

    def health() -> Response:
        return jsonify(_health(host, engine))

    return Endpoint("GET", "/health", "public", "Whether the server is there", health,
                    AdoptedHealth, description="200 whenever the process answers.")  # fmt: skip


def _health(host: Host, engine: AdoptedEngine) -> dict[str, object]:
    settings = host.settings
    expected: dict[str, object] = {
        "engine": ENGINES[host.server],
        "device": settings.device,
        "gpu_name": None,
        "model": engine.model,
    }
    if host.server == "tts":
        expected |= {"speaker": settings.speaker, "language": settings.language}
    else:
        expected |= {"model_size": engine.model}
    own: dict[str, object] = {
        "status": "ok",
        "model_loaded": host.models_ready,
        "family": "adopted",
        "version": __version__,
        "slot": settings.slot,
        "release": settings.release,
    }
    if host.server == "tts":
        own |= {"voices": own_voices(engine.told, settings.speaker)}
    return {**expected, **engine.told, **own}
