"""Forms with files, as HTTP clients write them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@dataclass(frozen=True, slots=True)
class File:
    """Without a `name` it is a plain field."""

    data: bytes
    name: str | None = "sound.wav"
    content_type: str = "audio/wav"


def posted(
    client: FlaskClient, path: str, fields: Mapping[str, str | File | Sequence[str | File] | None]
) -> TestResponse:
    """The answer to a form with these fields; those that are None are left out."""
    parts: list[tuple[str, Any]] = []
    for name, given in fields.items():
        values = given if isinstance(given, list | tuple) else [given]
        for value in values:
            if isinstance(value, File):
                parts.append((name, (value.name, value.data, value.content_type)))
            elif isinstance(value, str):
                parts.append((name, (None, value.encode())))
    form = httpx.Request("POST", "http://localhost", files=parts)
    return raw(client, path, form.read(), form.headers["Content-Type"])


def raw(
    client: FlaskClient, path: str, body: bytes, content_type: str, **headers: str
) -> TestResponse:
    """The answer to these bytes: the test client would write a body of its own for some types."""
    return client.post(
        path,
        input_stream=io.BytesIO(body),
        content_length=len(body),
        content_type=content_type,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
