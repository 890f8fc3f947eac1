"""What an operation answers, by status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from voicehost.openapi.headers import NAMED, OF_AUDIO, QUEUED, TAKEN, headers
from voicehost.routes.catalog import Endpoint, Failure

REF = "#/components/schemas/{model}"
JSON = "application/json"
LINES, EVENTS = "application/x-ndjson", "text/event-stream"


def responses(endpoint: Endpoint) -> dict[str, Any]:
    found = {"200": _good(endpoint)}
    for status, text in endpoint.errors.items():
        waits = ("Retry-After",) if status in (429, 503) else ()
        found[str(status)] = _response(text, endpoint.failure, (*NAMED, *waits))
    for status, model in endpoint.answers.items():
        always = {503: (*NAMED, "Retry-After"), 202: TAKEN}.get(status, NAMED)
        found[str(status)] = _response(endpoint.answer_texts[status], model, always)
    return dict(sorted(found.items()))


def ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REF.format(model=model.__name__)}


def shapes(endpoint: Endpoint) -> list[type[BaseModel]]:
    """What the JSON of a 200 may be."""
    late = [Failure] if endpoint.group == "work" and endpoint.beats else []
    return [endpoint.answer, *endpoint.or_answers, *late]


def _good(endpoint: Endpoint) -> dict[str, Any]:
    audio = any(kind.startswith("audio/") for kind in endpoint.produces)
    always = QUEUED if endpoint.group == "work" else NAMED
    kinds = {endpoint.answers_as: _body(endpoint), **endpoint.produces}
    content = {kind: {"schema": _of_kind(kind, schema)} for kind, schema in kinds.items()}
    return {
        "description": "Done",
        "headers": headers(always, OF_AUDIO if audio else ()),
        "content": content,
    }


def _body(endpoint: Endpoint) -> Mapping[str, Any]:
    if endpoint.answers_as in (LINES, EVENTS):
        return {
            "type": "string",
            "description": "JSON of this shape; of lines, each that is not empty.",
            "contentMediaType": JSON,
            "contentSchema": ref(endpoint.answer),
        }
    found = shapes(endpoint)
    return {"anyOf": [ref(shape) for shape in found]} if len(found) > 1 else ref(found[0])


def _of_kind(kind: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a body; of server-sent events that of each, with `schema` for its data."""
    if not kind.startswith(EVENTS):
        return dict(schema)
    return {"type": "object", "required": ["data"], "properties": {"data": dict(schema)}}


def _response(text: str, model: type[BaseModel], always: Iterable[str]) -> dict[str, Any]:
    return {
        "description": text,
        "headers": headers(always),
        "content": {JSON: {"schema": ref(model)}},
    }
