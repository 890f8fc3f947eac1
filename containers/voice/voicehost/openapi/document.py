"""OpenAPI 3.1 for one server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from voicehost import __version__
from voicehost.host import Server
from voicehost.openapi.operations import operation
from voicehost.openapi.responses import REF
from voicehost.routes.catalog import Endpoint, Failure
from voicehost.settings import VoiceHostSettings

TITLES = {"tts": "GPU Voice: text to speech", "whisperx": "GPU Voice: transcription and alignment"}
LIMITS = ("maxItems", "maxLength")

BEATS = (
    "Where a 200 may also be a `Failure`, the answer begins after a while without a result (15 "
    "seconds by default) as a chunked 200 "
    "that carries white space, so that nothing on the way cuts a long call. A failure after that "
    'arrives as `{"success": false, "error": ..., "status": ...}` with status 200: check '
    "`success`. `status` is what it would have been, and `retry_after` the seconds after "
    "which trying again makes sense."
)


def api_document(
    server: Server, endpoints: Sequence[Endpoint], settings: VoiceHostSettings
) -> dict[str, Any]:
    """The document as a JSON-ready dict; limits are those of these settings."""
    models: set[type[BaseModel]] = {Failure}
    for endpoint in endpoints:
        models |= {endpoint.answer, *endpoint.or_answers}
        models |= {*endpoint.answers.values(), *endpoint.shapes}
        models |= {endpoint.failure} | ({endpoint.body} if endpoint.body else set())
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema([(m, "validation") for m in ordered], ref_template=REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLES[server],
            "version": __version__,
            "description": "One of the two speech servers of GPU Voice. " + BEATS,
            "license": {"name": "Proprietary", "identifier": "LicenseRef-Proprietary"},
        },
        "servers": [{"url": "/"}, {"url": f"/{server}"}],
        "security": [{"ApiKey": []}, {"Bearer": []}, {"Basic": []}],
        "tags": [
            {"name": "work", "description": "Needs a key, where keys are set."},
            {"name": "results", "description": "Needs a key, where keys are set; never counted as "
             "traffic."},
            {"name": "public", "description": "Open to everybody, never counted as traffic."},
            {"name": "internal", "description": "For the power controller alone."},
        ],
        "paths": _paths(endpoints),
        "components": {
            "schemas": _resolve(schemas["$defs"], settings),
            "securitySchemes": {
                "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "Bearer": {"type": "http", "scheme": "bearer"},
                "Basic": {"type": "http", "scheme": "basic"},
            },
        },
    }  # fmt: skip


def _paths(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation(endpoint)
    return paths


def _resolve(node: Any, settings: VoiceHostSettings) -> Any:
    """Replace the names of settings that stand for limits by their values."""
    if isinstance(node, dict):
        return {
            name: getattr(settings, value)
            if name in LIMITS and isinstance(value, str)
            else _resolve(value, settings)
            for name, value in node.items()
        }
    if isinstance(node, list):
        return [_resolve(part, settings) for part in node]
    return node
