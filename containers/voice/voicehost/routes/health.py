"""Three questions, three answers: `/health` (is it there), `/ready` (can it work), `/live`
(does it still move). None of them waits for a model or counts as traffic."""

from __future__ import annotations

from typing import Literal

from flask import Response, jsonify
from pydantic import BaseModel, Field

from voicehost import __version__
from voicehost.host import Host
from voicehost.routes.catalog import Endpoint


class HealthAnswer(BaseModel):
    status: Literal["ok"]
    model_loaded: bool
    device: str
    gpu_name: str | None
    family: str = Field(description="Engine family that does the work: cuda, cpu or clock.")
    model: str
    version: str
    slot: str | None = Field(description="The slot that it runs in: blue or green.")
    release: str | None


class SpeechHealth(HealthAnswer):
    engine: Literal["qwen3-tts"]
    speaker: str
    language: str
    voices: list[str] = Field(
        description="Names that a request may give as `voice`, the speaker's own first."
    )


class HearingHealth(HealthAnswer):
    engine: Literal["whisperx"]
    model_size: str


class ModelProgress(BaseModel):
    stage: Literal["starting", "loading", "first result", "ready", "failed"]
    detail: str
    fraction: float = Field(ge=0, le=1)
    seconds: float = Field(ge=0, description="Time in this stage.")


class KeysProgress(BaseModel):
    stage: Literal["fetching", "ready", "stale"]
    detail: str
    seconds: float = Field(ge=0, description="Time since they were fetched, or since the start.")


class ReadyAnswer(BaseModel):
    ready: bool
    models: dict[str, ModelProgress]
    keys: KeysProgress | None = Field(
        None, description="Only from servers that fetch their keys from AWS."
    )


class LiveAnswer(BaseModel):
    live: bool
    stalled_seconds: float = Field(ge=0, description="Time since an engine call last moved.")


def endpoints(host: Host) -> list[Endpoint]:
    def health() -> Response:
        return jsonify(_health(host))

    def ready() -> Response:
        models = {name: _progress(host, name) for name in host.schedulers}
        keys = {"keys": _keys(host)} if host.keys.sources else {}
        response = jsonify({"ready": host.ready, "models": models, **keys})
        if not host.ready:
            response.status_code = 503
            response.headers["Retry-After"] = "5"
        return response

    def live() -> Response:
        schedulers = host.schedulers.values()
        stalled = max(scheduler.stalled_seconds() for scheduler in schedulers)
        failed = any(scheduler.progress.failed for scheduler in schedulers)
        fine = stalled <= host.settings.stall_seconds and not failed
        response = jsonify({"live": fine, "stalled_seconds": round(stalled, 1)})
        if not fine:
            response.status_code = 503
            response.headers["Retry-After"] = "30"
        return response

    shape = SpeechHealth if host.server == "tts" else HearingHealth
    return [
        Endpoint("GET", "/health", "public", "Whether the server is there", health, shape,
                 description="200 whenever the process answers."),
        Endpoint("GET", "/ready", "public", "Whether it can work", ready, ReadyAnswer,
                 description="503 with the progress until the model has made its first result "
                 "and the keys are there.",
                 answers={503: ReadyAnswer},
                 answer_texts={503: "Not yet: the same, with progress."}),
        Endpoint("GET", "/live", "public", "Whether the engine still makes progress", live,
                 LiveAnswer, description="For whoever restarts a server that hangs.",
                 answers={503: LiveAnswer},
                 answer_texts={503: "An engine call has made no progress for too long."}),
    ]  # fmt: skip


def _health(host: Host) -> dict[str, object]:
    engine = next(iter(host.schedulers.values())).engine
    shared = {
        "status": "ok",
        "model_loaded": host.models_ready,
        "engine": "qwen3-tts" if host.server == "tts" else "whisperx",
        "device": engine.device,
        "gpu_name": engine.gpu_name,
        "family": host.settings.engine,
        "model": engine.model,
        "version": __version__,
        "slot": host.settings.slot,
        "release": host.settings.release,
    }
    if host.speaker is None:
        return {**shared, "model_size": engine.model}
    return {
        **shared,
        "speaker": host.speaker.name,
        "language": host.speaker.language,
        "voices": host.voices,
    }


def _keys(host: Host) -> dict[str, object]:
    now = host.keys.now()
    return {"stage": now.stage, "detail": now.detail, "seconds": round(now.seconds, 1)}


def _progress(host: Host, name: str) -> dict[str, object]:
    now = host.schedulers[name].progress.snapshot()
    return {
        "stage": now.stage,
        "detail": now.detail,
        "fraction": round(now.fraction, 3),
        "seconds": round(now.stage_seconds, 1),
    }
