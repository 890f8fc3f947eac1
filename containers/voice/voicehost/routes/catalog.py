"""One table of endpoints: routes are mounted from it and the API document is written from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from pydantic import BaseModel, ConfigDict, FailFast

from voicehost.web.auth import INTERNAL, PUBLIC
from voicehost.web.record import WORK

# Needs a key like work, and counts neither as work nor as traffic.
RESULTS = "results"

WORK_ERRORS: Mapping[int, str] = {
    400: "The request has to be changed; `error` says how.",
    401: "A valid key is missing.",
    403: "Without keys, only callers that address localhost are served.",
    408: "The body did not arrive in time.",
    413: "The body, a text, an audio file or the batch is too large.",
    415: "The body is not plain JSON.",
    429: "This key has too much work waiting, or batches are refused because the budget is nearly "
    "used up; try again after `Retry-After` seconds.",
    500: "The server or its engine failed.",
    503: "The queue is full, the model is loading, the server is about to stop or the deadline has "
    "passed; try again after `Retry-After` seconds.",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that a request carries outside its body; `schema` is JSON Schema. One in the path
    may hold slashes if `slashes` says so."""

    name: str
    where: Literal["path", "query", "header"]
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    slashes: bool = False


class Failure(BaseModel):
    """What went wrong, for a person."""

    success: Literal[False]
    error: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`path` may hold parameters, as `/jobs/{id}`: the view is called with them.

    `or_answers` are other shapes that a 200 may have, and `produces` other content types of it,
    each with its JSON Schema. `consumes` is the content type of `body`, `encoding` that of its
    parts, as OpenAPI has it, and `answers_as` that of `answer`: one object, or a series of them.

    `answers` maps further statuses to the model of their body; `errors` are of the model
    `failure`. `beats` says that a slow answer begins as white space.

    `shapes` are models that a schema names without holding them.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    group: Literal["work", "results", "public", "internal"]
    summary: str
    view: Callable[..., ResponseReturnValue]
    answer: type[BaseModel]
    body: type[BaseModel] | None = None
    description: str = ""
    or_answers: Sequence[type[BaseModel]] = ()
    answers: Mapping[int, type[BaseModel]] = field(default_factory=dict)
    answer_texts: Mapping[int, str] = field(default_factory=dict)
    errors: Mapping[int, str] = field(default_factory=dict)
    example: object = None
    shapes: Sequence[type[BaseModel]] = ()
    parameters: Sequence[Parameter] = ()
    consumes: str = "application/json"
    encoding: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    answers_as: str = "application/json"
    produces: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    failure: type[BaseModel] = Failure
    beats: bool = True


class FirstError(FailFast):
    """Stop at a list's first wrong element: an error each for a million would fill the memory."""

    def __hash__(self) -> int:
        return hash(self.fail_fast)


class Strict(BaseModel):
    """A request body: no value is turned into another type."""

    model_config = ConfigDict(strict=True)


def endpoint_name(endpoint: Endpoint) -> str:
    """One for each method and path: `generate`, `delete-jobs-id`."""
    words = re.findall(r"\w+", endpoint.path) or ["index"]
    method = [] if endpoint.method != "DELETE" else ["delete"]
    return "-".join([*method, *words])


def mount(app: Flask, endpoints: Sequence[Endpoint]) -> None:
    """Register the endpoints, each on the blueprint of its group."""
    blueprints = {name: Blueprint(name, __name__) for name in (WORK, RESULTS, PUBLIC, INTERNAL)}
    for endpoint in endpoints:
        blueprints[endpoint.group].add_url_rule(
            _rule(endpoint),
            endpoint=endpoint_name(endpoint),
            view_func=endpoint.view,
            methods=[endpoint.method],
            strict_slashes=False,
        )
    for blueprint in blueprints.values():
        app.register_blueprint(blueprint)


def _rule(endpoint: Endpoint) -> str:
    long = {given.name for given in endpoint.parameters if given.slashes}
    return re.sub(
        r"\{(\w+)\}",
        lambda found: f"<{'path:' if found[1] in long else ''}{found[1]}>",
        endpoint.path,
    )
