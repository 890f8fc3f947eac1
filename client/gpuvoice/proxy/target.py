"""What a request asks for, in the one form that everything behind the door reads."""

from __future__ import annotations

import re
from urllib.parse import unquote

from starlette.types import Scope

from gpuvoice.proxy.refused import Refused

# RFC 9112, 3.2.2: servers take a whole URL too; its host is the one that counts.
WHOLE = re.compile(rb"https?://([^/?#]*)(/.*)?", re.IGNORECASE | re.DOTALL)


def with_path(scope: Scope) -> tuple[Scope, str | None]:
    """The request with a path that begins with a slash, and the host that its URL names, if it is
    a whole one. Raises Refused (400)."""
    raw: bytes = scope["raw_path"] or scope["path"].encode()
    if raw.startswith(b"/"):
        return scope, None
    whole = WHOLE.fullmatch(raw)
    if whole is None:
        raise Refused(400, "The path of a request begins with /.")
    path = whole[2] or b"/"
    return {**scope, "raw_path": path, "path": unquote(path.decode("latin-1"))}, whole[1].decode(
        "latin-1"
    ).lower()
