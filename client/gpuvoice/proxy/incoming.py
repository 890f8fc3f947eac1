"""A request's body: read as it comes, and kept, so that it can be sent more than once."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from types import TracebackType

from starlette.types import Receive

from gpuvoice.proxy.refused import Refused

MIB = 1024 * 1024
# More than this goes to a temporary file that has no name.
MEMORY_BYTES = MIB
PART_BYTES = 65536


class Incoming:
    """`watch` reads the body, and returns when the caller has gone. `size` counts what came."""

    def __init__(self, receive: Receive, most_mib: int) -> None:
        self._receive = receive
        self._most = most_mib * MIB
        self._kept = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115
        self._news = asyncio.Event()
        self.size = 0
        self.complete = False

    def __enter__(self) -> Incoming:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._kept.close()

    async def watch(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] != "http.request":
                return
            self._keep(message.get("body", b""))
            self.complete = self.complete or not message.get("more_body", False)
            self._news.set()

    async def parts(self) -> AsyncIterator[bytes]:
        """The whole body from its beginning, for one reader at a time. Raises Refused (413)."""
        at = 0
        while True:
            self._check()
            self._kept.seek(at)
            data = self._kept.read(PART_BYTES)
            if data:
                at += len(data)
                yield data
            elif self.complete:
                return
            else:
                self._news.clear()
                await self._news.wait()

    async def whole(self) -> bytes:
        return b"".join([part async for part in self.parts()])

    def _keep(self, data: bytes) -> None:
        self.size += len(data)
        if data and self.size <= self._most:
            self._kept.seek(0, 2)
            self._kept.write(data)

    def _check(self) -> None:
        if self.size > self._most:
            raise too_large(self._most // MIB)


def too_large(most_mib: int) -> Refused:
    return Refused(
        413, f"The body is larger than {most_mib} MiB. Send fewer or shorter items at a time."
    )
