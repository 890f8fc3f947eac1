"""Which headers go on to the servers, and which come back."""

from __future__ import annotations

import re
from collections.abc import Iterable

Raw = list[tuple[bytes, bytes]]

# Of one connection, not of the message (RFC 9110, 7.6.1).
HOP_BY_HOP = frozenset((
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization",
    b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"expect",
))  # fmt: skip
# The key is the proxy's to add, pages are the proxy's to admit, and cookies of `localhost` belong
# to whatever else was opened on this machine.
KEPT_HERE = frozenset((
    b"host", b"authorization", b"x-api-key", b"origin", b"referer", b"cookie",
    b"x-voice-internal", b"x-voice-neighbour", b"x-voice-for",
    b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto",
    b"access-control-request-method", b"access-control-request-headers",
    b"access-control-request-private-network",
))  # fmt: skip
OF_BODY = frozenset((b"content-length", b"content-type", b"content-encoding"))
ENCODINGS = (b"gzip", b"deflate")
NEVER = re.compile(rb";q=0(\.0*)?$")


def for_server(given: Iterable[tuple[bytes, bytes]], *, body: bool = True) -> Raw:
    """Header names are in lower case, as ASGI has them. `body`: whether one is sent on."""
    found = list(given)
    dropped = HOP_BY_HOP | KEPT_HERE | _named(found)
    if not body:
        dropped |= OF_BODY
    elif any(name == b"transfer-encoding" for name, _ in found):
        # Two lengths of one body are how requests are smuggled (RFC 9112, 6.3).
        dropped |= {b"content-length"}
    return [(name, value) for name, value in found if name not in dropped]


def decodable(given: Raw) -> Raw:
    """Asks for no encoding but those that the proxy can undo, and that the caller takes."""
    lists = [value for name, value in given if name == b"accept-encoding"]
    parts = [part.replace(b" ", b"").lower() for value in lists for part in value.split(b",")]
    taken = {part.partition(b";")[0] for part in parts if not NEVER.search(part)}
    kept = b", ".join(name for name in ENCODINGS if name in taken) or b"identity"
    others = [(name, value) for name, value in given if name != b"accept-encoding"]
    return [*others, (b"accept-encoding", kept)]


def has_body(given: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a request says that one follows (RFC 9112, 6.3)."""
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in given)


def for_caller(given: Iterable[tuple[bytes, bytes]]) -> Raw:
    """As the server gave them; who may read the answer is for the proxy to say."""
    found = [(name.lower(), value) for name, value in given]
    dropped = HOP_BY_HOP | {b"set-cookie"} | _named(found)
    return [
        (name, value)
        for name, value in found
        if name not in dropped and not name.startswith(b"access-control-")
    ]


def first(given: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    """The first value of a header, or ""."""
    return next((value.decode("latin-1") for each, value in given if each == name), "")


def _named(given: Raw) -> frozenset[bytes]:
    """The headers that `Connection` names as being of this connection too."""
    lists = [value for name, value in given if name == b"connection"]
    return frozenset(part.strip().lower() for value in lists for part in value.split(b","))
