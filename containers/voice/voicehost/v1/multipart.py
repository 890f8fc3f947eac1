"""Read a form with a file: bounded in size and time like all bodies, and never put on a disk."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser

from voicehost.errors import RequestError, TooLarge, UnsupportedContent
from voicehost.host import Host
from voicehost.web.bodies import declared_bytes, read_bytes
from voicehost.web.scope import scope

FORM = "multipart/form-data"
MOST_PARTS = 200
MOST_FIELD_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Form:
    """`fields` are the values of each name, in order; `files` the bytes of each first file."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)


def read_form(host: Host) -> Form:
    """The current request's form. Takes a place at the gate, and memory for the body.

    Raises UnsupportedContent, TooLarge, SlowUpload, RequestError, QueueFull, or CallerGone when
    the connection ends first.
    """
    most_mib = host.settings.body_mib
    scope().enter_context(host.gate.request(declared_bytes(most_mib)))
    host.activity.check()
    boundary = _boundary()
    data = read_bytes(most_mib, host.settings.body_seconds)
    # The file is taken out of the body, which is let go after that.
    with host.gate.memory(len(data)):
        return _parsed(data, boundary)


def _boundary() -> bytes:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedContent("Compressed bodies are not read. Send the form as it is.")
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != FORM or not boundary:
        raise UnsupportedContent(f"Send a form: {FORM}, with the fields file and model.")
    return boundary.encode("utf-8", "replace")


def _in_memory(*told: object, **more: object) -> io.BytesIO:
    return io.BytesIO()


def _parsed(data: bytes, boundary: bytes) -> Form:
    parser = MultiPartParser(
        stream_factory=_in_memory,
        max_form_memory_size=MOST_FIELD_BYTES,
        max_form_parts=MOST_PARTS,
    )
    try:
        fields, files = parser.parse(io.BytesIO(data), boundary, len(data))
    except RequestEntityTooLarge:
        raise TooLarge(
            f"The form has more than {MOST_PARTS} parts, or fields beside its file of more than "
            f"{MOST_FIELD_BYTES // 1024} KiB. Send less."
        ) from None
    except ValueError:
        raise RequestError(
            "The form cannot be read: its parts or their boundary are broken."
        ) from None
    read = {name: files.getlist(name)[0].stream.read() for name in files}
    return Form(dict(fields.lists()), read)
