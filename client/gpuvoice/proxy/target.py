"""What a request asks for, in the one form that everything behind the door reads."""

from __future__ import annotations

import re
from urllib.parse import unquote

from starlette.types import Scope

from gpuvoice.proxy.refused import Refused
from gpuvoice.proxy.upstream import Role

# Under these the servers answer too.
PREFIXES: dict[Role, str] = {"speech": "/tts", "recognition": "/whisperx", "power": "/power"}
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


def target_of(scope: Scope) -> str:
    """Path and query as they came. Raises Refused for a path that climbs."""
    if any(part in (".", "..") for part in scope["path"].split("/")):
        raise Refused(400, "A path with . or .. in it is not sent on.")
    raw: bytes = scope["raw_path"] or scope["path"].encode()
    query: bytes = scope["query_string"]
    return (raw + (b"?" + query if query else b"")).decode("latin-1")


def below(prefix: str, target: str) -> str | None:
    """What of a target is below a prefix; None when it is elsewhere."""
    path, mark, query = target.partition("?")
    if path != prefix and not path.startswith(prefix + "/"):
        return None
    return (path[len(prefix) :] or "/") + mark + query


def mounted(scope: Scope, target: str) -> str:
    """What the caller put before the server's own path: "" or "/tts"."""
    path, mark, query = target_of(scope).partition("?")
    for whole in (path + mark + query, f"{path}/{mark}{query}"):
        if whole.endswith(target):
            return whole.removesuffix(target)
    return ""
