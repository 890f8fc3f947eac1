"""Read a JSON body: bounded in size, time and shape, and clear about what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from voicehost.errors import CallerGone, RequestError, SlowUpload, TooLarge, UnsupportedContent
from voicehost.web.watch import watch

Body = TypeVar("Body", bound=BaseModel)
MIB = 1024 * 1024
# A parsed element takes tens of bytes of memory for two of JSON, and parsing holds the
# interpreter. The largest honest body has 64 texts of 40,000 characters with their commas.
MOST_PARTS = 300_000


def read_body(model: type[Body], *, most_mib: int, seconds: float) -> Body:
    """The body as `model`.

    Raises UnsupportedContent, TooLarge, SlowUpload, RequestError, or CallerGone when the
    connection ends first.
    """
    _check_content()
    return parse(model, read_bytes(most_mib, seconds))


def declared_bytes(most_mib: int) -> int:
    """Bytes to set aside for the body: its announced length, or the limit if it has none."""
    length = request.content_length
    if length is None and "Transfer-Encoding" not in request.headers:
        return 0
    return most_mib * MIB if length is None else min(length, most_mib * MIB)


def parse(model: type[Body], data: bytes) -> Body:
    """Validate JSON. Raises RequestError that names the first wrong field."""
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MOST_PARTS:
        raise TooLarge("The body has too many parts. Send fewer items at a time.")
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] == "json_invalid":
            reason = str(first["ctx"]["error"]) if "ctx" in first else "it cannot be parsed"
            raise RequestError(f"The body is not valid JSON: {reason}.") from None
        raise RequestError(f"{place(first['loc'])}: {first['msg']}.") from None


def place(loc: Sequence[int | str]) -> str:
    """`texts[3]` for ("texts", 3); names of union members are left out."""
    name = ""
    for part in loc:
        if isinstance(part, int):
            name += f"[{part}]"
        elif part.isidentifier() and part.islower() and part not in ("str", "int", "float", "bool"):
            name += f".{part}" if name else part
    return name or "The body"


def _check_content() -> None:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedContent("Compressed bodies are not read. Send plain JSON.")
    if not request.is_json:
        raise UnsupportedContent("Send JSON, with the header Content-Type: application/json.")


def read_bytes(most_mib: int, seconds: float) -> bytes:
    request.max_content_length = most_mib * MIB
    sock = request.environ.get("gunicorn.socket")
    with nullcontext() if sock is None else watch.reading(sock, seconds) as reading:
        try:
            data = request.get_data(cache=False)
        except RequestEntityTooLarge:
            raise TooLarge(
                f"The body is larger than {most_mib} MiB. Send fewer or shorter items at a time."
            ) from None
        except Exception as error:
            if reading is not None and reading.expired:
                raise SlowUpload(
                    f"The body took longer than {seconds:g} seconds to arrive."
                ) from None
            if isinstance(error, ClientDisconnected | OSError):
                raise CallerGone("The caller hung up while sending.") from None
            raise RequestError("The body could not be read: its framing is broken.") from None
    if reading is not None and reading.expired:
        raise SlowUpload(f"The body took longer than {seconds:g} seconds to arrive.")
    if request.content_length is not None and len(data) < request.content_length:
        raise RequestError("The body ended before the length that Content-Length announced.")
    return data
