"""`Location` as the caller reaches it: what a server names is found below the proxy."""

from __future__ import annotations

from starlette.types import Message, Send

from gpuvoice.proxy.target import PREFIXES, below
from gpuvoice.proxy.upstream import Upstream


def located(send: Send, upstream: Upstream, mounted: str) -> Send:
    """`send` that says where something is; `mounted` as in target.py."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [
                (name, _here(value, upstream, mounted) if name == b"location" else value)
                for name, value in message["headers"]
            ]
            message = {**message, "headers": headers}
        await send(message)

    return told


def _here(value: bytes, upstream: Upstream, mounted: str) -> bytes:
    place = value.decode("latin-1").removeprefix(upstream.origin)
    if not place.startswith("/") or place.startswith("//"):
        return value
    for prefix in (upstream.path, PREFIXES[upstream.role]):
        inner = below(prefix, place) if prefix else None
        if inner is not None:
            place = inner
            break
    return (mounted + place).encode("latin-1")
