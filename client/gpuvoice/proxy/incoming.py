"""A request's body: read as it comes, and kept, so that it can be sent more than once."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator

from starlette.types import Receive

from gpuvoice.proxy.refused import Refused, later

MIB = 1024 * 1024
# More than this goes to a temporary file that has no name.
MEMORY_BYTES = MIB
PART_BYTES = 65536
NO_ROOM = "There is no room for the body in the temporary folder of the machine of the proxy."
MUCH_WAITS = "The bodies of the calls that wait here are {} MiB already. Try again later."
LATER_SECONDS = 30


class Room:
    """What the bodies of all calls may take together."""

    def __init__(self, most_mib: int) -> None:
        self._most, self._taken = most_mib * MIB, 0

    def take(self, size: int) -> None:
        """Raises Refused (503)."""
        if self._taken + size > self._most:
            raise Refused(503, MUCH_WAITS.format(self._taken // MIB), later(LATER_SECONDS))
        self._taken += size

    def give_back(self, size: int) -> None:
        self._taken -= size


class Incoming:
    """`watch` reads the body, and returns when the caller has gone. `size` counts what is kept;
    `failure` says why no more of it is."""

    def __init__(self, receive: Receive, most_mib: int, room: Room) -> None:
        self._receive = receive
        self._most = most_mib * MIB
        self._room = room
        self._kept = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115
        self._one = asyncio.Lock()
        self._news = asyncio.Event()
        self.size = 0
        self.complete = False
        self.failure: Refused | None = None

    def __enter__(self) -> Incoming:
        return self

    def __exit__(self, *raised: object) -> None:
        self._room.give_back(self.size)
        self._kept.close()

    async def watch(self) -> None:
        """Raises Refused (413, 503, 507), and reads no further."""
        try:
            while True:
                message = await self._receive()
                if message["type"] != "http.request":
                    return
                await self._keep(message.get("body", b""))
                self.complete = self.complete or not message.get("more_body", False)
                self._news.set()
        except OSError:
            self.failure = Refused(507, NO_ROOM)
        except Refused as refused:
            self.failure = refused
        raise self.failure

    async def parts(self) -> AsyncIterator[bytes]:
        """The whole body from its beginning, for one reader at a time."""
        at = 0
        while True:
            async with self._one:
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

    async def _keep(self, data: bytes) -> None:
        if not data:
            return
        if self.size + len(data) > self._most:
            raise too_large(self._most // MIB)
        self._room.take(len(data))
        self.size += len(data)
        async with self._one:
            if self.size > MEMORY_BYTES:
                # A disk may take its time, and everybody else's calls are in this loop.
                await asyncio.to_thread(self._write, data)
            else:
                self._write(data)

    def _write(self, data: bytes) -> None:
        self._kept.seek(0, 2)
        self._kept.write(data)


def too_large(most_mib: int) -> Refused:
    return Refused(
        413, f"The body is larger than {most_mib} MiB. Send fewer or shorter items at a time."
    )
