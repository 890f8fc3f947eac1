"""What the page shows of one operation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from voicehost.openapi.operations import operation_id, parameters
from voicehost.openapi.responses import JSON
from voicehost.openapi.shapes import Row, nested, shape_rows, type_name
from voicehost.routes.catalog import Endpoint
from voicehost.routes.delivery import StoredAnswer

MULTIPART = "multipart/form-data"


def described(document: Mapping[str, Any], endpoint: Endpoint) -> dict[str, Any]:
    """`endpoint` with tables of its fields, and what to type in a shell to call it."""
    schemas = document["components"]["schemas"]
    answered = document["paths"][endpoint.path][endpoint.method.lower()]["responses"]
    fields = schemas[endpoint.body.__name__] if endpoint.body else {}
    return {
        "endpoint": endpoint,
        "anchor": anchor(endpoint),
        "tables": _tables(schemas, endpoint),
        "asked": _asked(endpoint),
        "kinds": [kind.partition(";")[0] for kind in answered["200"]["content"] if kind != JSON],
        "json_too": JSON in answered["200"]["content"],
        "body": _body(endpoint, fields),
        "place": _place(endpoint),
        "others": [
            (status, response["description"])
            for status, response in answered.items()
            if status != "200" and (endpoint.group != "work" or int(status) < 400)
        ],
    }


def anchor(endpoint: Endpoint) -> str:
    """The path; with the method where another operation has the same."""
    return endpoint.path if endpoint.method != "DELETE" else operation_id(endpoint)


def _tables(schemas: Mapping[str, Any], endpoint: Endpoint) -> list[tuple[str, list[Row]]]:
    tables = [("Request", endpoint.body.__name__)] if endpoint.body else []
    one = {"application/x-ndjson": "A line of the answer", "text/event-stream": "An event"}
    tables.append((one.get(endpoint.answers_as, "Answer"), endpoint.answer.__name__))
    tables += [
        ("Answer with delivery s3" if issubclass(shape, StoredAnswer) else "Or", shape.__name__)
        for shape in endpoint.or_answers
    ]
    inner = {name for _, outer in tables for name in nested(schemas, outer)}
    tables += [(name.removesuffix("Body"), name) for name in sorted(inner)]
    return [(title, shape_rows(schemas, name)) for title, name in tables]


def _asked(endpoint: Endpoint) -> list[Row]:
    """What goes into the path, the query and headers, but what all calls for work may have."""
    return [
        (given.name, f"{given.where}, {type_name(given.schema)}", given.where == "path",
         given.description)
        for given in parameters(endpoint)
        if given in endpoint.parameters
    ]  # fmt: skip


def _body(endpoint: Endpoint, schema: Mapping[str, Any]) -> str:
    """The options of curl that send the example, or a form's fields."""
    if endpoint.body is None:
        return ""
    if endpoint.consumes == MULTIPART:
        fields = {name: schema["properties"][name] for name in schema["required"]}
        return " ".join(f"-F {name}={_typed(field)}" for name, field in fields.items())
    quoted = json.dumps(endpoint.example).replace("'", "'\\''")
    return f"-H 'Content-Type: {endpoint.consumes}' \\\n  -d '{quoted}'"


def _typed(field: Mapping[str, Any]) -> str:
    return "@recording.wav" if field.get("format") == "binary" else str(field["examples"][0])


def _place(endpoint: Endpoint) -> str:
    """The path with parameters as one writes them: `/jobs/ID`."""
    return re.sub(r"\{(\w+)\}", lambda found: found[1].upper(), endpoint.path)
