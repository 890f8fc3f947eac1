"""One operation of the document: what a request carries, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from voicehost.openapi.responses import JSON, ref, responses
from voicehost.routes.catalog import Endpoint, Parameter, endpoint_name
from voicehost.web.auth import INTERNAL_HEADER

DEADLINE = Parameter(
    "X-Deadline-Seconds", "header", "Give up after this many seconds.",
    {"type": "number", "exclusiveMinimum": 0},
)  # fmt: skip
REUSE = Parameter(
    "Cache-Control", "header",
    "Of the audio store, where the server has one: `no-cache` makes everything anew and keeps that "
    "instead, `no-store` neither uses nor keeps anything.",
)  # fmt: skip
INTERNAL = Parameter(
    INTERNAL_HEADER, "header", "No page can send it.", {"type": "string", "enum": ["1"]}
)
JOB = 202
CALLBACK = "callback"


def operation(endpoint: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation_id(endpoint),
        "summary": endpoint.summary,
        "tags": [endpoint.group],
        "responses": responses(endpoint),
    }
    if endpoint.description:
        found["description"] = endpoint.description
    if endpoint.group == "public":
        found["security"] = []
    if given := parameters(endpoint):
        found["parameters"] = [_parameter(each) for each in given]
    if endpoint.body:
        found["requestBody"] = _request_body(endpoint, endpoint.body)
    if endpoint.body and CALLBACK in endpoint.body.model_fields:
        found["callbacks"] = _callbacks(endpoint)
    return found


def operation_id(endpoint: Endpoint) -> str:
    return endpoint_name(endpoint).replace("-", "_")


def parameters(endpoint: Endpoint) -> list[Parameter]:
    """All that a request may carry outside its body."""
    of_group = {"work": [DEADLINE, REUSE], "internal": [INTERNAL]}
    return [*of_group.get(endpoint.group, []), *endpoint.parameters]


def _parameter(given: Parameter) -> dict[str, Any]:
    required = given.where == "path" or given is INTERNAL
    return {
        "name": given.name,
        "in": given.where,
        "description": given.description,
        "schema": dict(given.schema),
        **({"required": True} if required else {}),
    }


def _request_body(endpoint: Endpoint, body: type[BaseModel]) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": ref(body)}
    if endpoint.example is not None:
        content["example"] = endpoint.example
    if endpoint.encoding:
        content["encoding"] = {name: dict(how) for name, how in endpoint.encoding.items()}
    return {"required": True, "content": {endpoint.consumes: content}}


def _callbacks(endpoint: Endpoint) -> Mapping[str, Any]:
    """What the server calls when a job has ended: its state."""
    post = {
        "operationId": f"{operation_id(endpoint)}_ended",
        "summary": "The job has ended",
        "description": "Sent again, a few times, unless it is answered with a 2xx. It carries no "
        "key, no text and no audio: whoever gets it asks the server what it wants to believe.",
        "security": [],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": ref(endpoint.answers[JOB])}},
        },
        "responses": {"2XX": {"description": "Heard."}},
    }
    return {"ended": {f"{{$request.body#/{CALLBACK}}}": {"post": post}}}
