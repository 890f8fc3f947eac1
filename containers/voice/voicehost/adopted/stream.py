"""An answer in parts: made on the scheduler's thread, sent by the request's."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from types import TracebackType

from voicehost.adopted.call import Head
from voicehost.errors import EngineFault

LOOK_SECONDS = 0.5
BROKEN_OFF = "The application failed while it sent its answer."


class Stream:
    """As a context it is the maker's side, whose end ends the answer; `parts` is the caller's.

    Parts wait without a limit: a caller that reads slowly must not hold the model.
    """

    def __init__(self, head: Head) -> None:
        self.head = head
        self._parts: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._failed = False
        self._wanted = True

    def __enter__(self) -> Stream:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._failed = error is not None
        self._parts.put(None)

    def send(self, part: bytes) -> bool:
        """Whether somebody still wants more."""
        self._parts.put(part)
        return self._wanted

    def parts(self, gone: Callable[[], bool]) -> Iterator[bytes]:
        """As they come, until `gone()`. Raises EngineFault at the end of one that broke off."""
        while not gone():
            try:
                part = self._parts.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            if part is not None:
                yield part
            elif self._failed:
                raise EngineFault(BROKEN_OFF)
            else:
                return

    def close(self) -> None:
        """Nobody reads any more."""
        self._wanted = False
