"""What an entry looks like: a seal over all of it, a line of JSON about it, and its body."""

from __future__ import annotations

import hashlib
import json
from typing import Any


class Damaged(Exception):
    """Not what was kept under this name."""


def sealed(name: str, head: dict[str, Any], body: bytes) -> bytes:
    """The seal covers the name too: an entry in another's place is a damaged one."""
    rest = json.dumps(head).encode() + b"\n" + body
    return _seal(name, rest) + b"\n" + rest


def opened(name: str, data: bytes) -> tuple[dict[str, Any], bytes]:
    """Head and body. Raises Damaged."""
    seal, _, rest = data.partition(b"\n")
    if seal != _seal(name, rest):
        raise Damaged
    head, _, body = rest.partition(b"\n")
    return json.loads(head), body


def _seal(name: str, rest: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + rest).hexdigest().encode()
