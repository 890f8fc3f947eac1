"""A door that threads go through to write; once it is shut, nobody is inside and nobody gets in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Shut(Exception):
    """Too late: the run has ended, and its folder may belong to another one."""


class Door:
    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._shut = False

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Raises Shut."""
        with self._changed:
            if self._shut:
                raise Shut
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def shut(self) -> None:
        """Returns when those inside are out."""
        with self._changed:
            self._shut = True
            self._changed.wait_for(lambda: not self._inside)
