"""OpenAPI 3.1 for one server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from voicehost import __version__
from voicehost.host import Server
from voicehost.routes.catalog import Endpoint, Failure
from voicehost.settings import VoiceHostSettings
from voicehost.web.auth import INTERNAL_HEADER

TITLES = {"tts": "GPU Voice: text to speech", "whisperx": "GPU Voice: transcription and alignment"}
REF = "#/components/schemas/{model}"
LIMITS = ("maxItems", "maxLength")

HEADERS: Mapping[str, dict[str, Any]] = {
    "X-Request-Id": {
        "description": "Names this request in the server's log.",
        "schema": {"type": "string"},
    },
    "X-Queue-Position": {
        "description": "Pieces of work that waited when this request arrived.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "X-Queue-Wait-Seconds": {
        "description": "Time until the first piece of this request was begun, or until the headers "
        "went out, whichever came first.",
        "schema": {"type": "number", "minimum": 0},
    },
    "Retry-After": {
        "description": "Seconds after which trying again makes sense.",
        "schema": {"type": "integer", "minimum": 1},
    },
}
QUEUED = ("X-Request-Id", "X-Queue-Position", "X-Queue-Wait-Seconds")
BEATS = (
    "After a while without a result (15 seconds by default) the answer begins as a chunked 200 "
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
        models |= {endpoint.body} if endpoint.body else set()
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
        "paths": {e.path: {e.method.lower(): _operation(e)} for e in endpoints},
        "components": {
            "schemas": _resolve(schemas["$defs"], settings),
            "securitySchemes": {
                "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                "Bearer": {"type": "http", "scheme": "bearer"},
                "Basic": {"type": "http", "scheme": "basic"},
            },
        },
    }  # fmt: skip


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": endpoint.path.strip("/").replace("/", "_") or "index",
        "summary": endpoint.summary,
        "tags": [endpoint.group],
        "responses": _responses(endpoint),
    }
    if endpoint.description:
        operation["description"] = endpoint.description
    if endpoint.group == "public":
        operation["security"] = []
    if endpoint.group == "work":
        operation["parameters"] = [
            _parameter("X-Deadline-Seconds", "Give up after this many seconds.")
        ]
    if endpoint.group == "internal":
        operation["parameters"] = [
            {**_parameter(INTERNAL_HEADER, "No page can send it."), "required": True}
        ]
        operation["parameters"][0]["schema"] = {"type": "string", "enum": ["1"]}
    if endpoint.body:
        content: dict[str, Any] = {"schema": _ref(endpoint.body)}
        if endpoint.example is not None:
            content["example"] = endpoint.example
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _parameter(name: str, description: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "number", "exclusiveMinimum": 0}
    return {"name": name, "in": "header", "description": description, "schema": schema}


def _responses(endpoint: Endpoint) -> dict[str, Any]:
    good = _response("Done", endpoint.answer, QUEUED if endpoint.group == "work" else QUEUED[:1])
    if endpoint.group == "work":
        shapes: list[type[BaseModel]] = [endpoint.answer, *endpoint.or_answers, Failure]
        late = {"anyOf": [_ref(shape) for shape in shapes]}
        good["content"]["application/json"]["schema"] = late
    responses = {"200": good}
    for status, text in endpoint.errors.items():
        waits = ("Retry-After",) if status in (429, 503) else ()
        responses[str(status)] = _response(text, Failure, (QUEUED[0], *waits))
    for status, model in endpoint.answers.items():
        headers = ("Retry-After",) if status == 503 else ()
        text = endpoint.answer_texts[status]
        responses[str(status)] = _response(text, model, (QUEUED[0], *headers))
    return dict(sorted(responses.items()))


def _response(text: str, model: type[BaseModel], headers: Sequence[str]) -> dict[str, Any]:
    return {
        "description": text,
        "headers": {name: {**HEADERS[name], "required": True} for name in headers},
        "content": {"application/json": {"schema": _ref(model)}},
    }


def _ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}


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
