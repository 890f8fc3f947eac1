"""The results of a job as lines of JSON, in the order of its items."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from voicehost.ending import ending
from voicehost.errors import Unavailable, VoiceError
from voicehost.jobs.job import Job
from voicehost.jobs.jobs import Jobs
from voicehost.jobs.work import DAMAGED

LOOK_SECONDS = 1.0
# Whoever follows holds a place meanwhile, and asks again for the rest.
FOLLOWED_SECONDS = 600.0
STOPPING = "This server is being stopped. The job goes on with the next one: ask again with `from`."


class Lines:
    """One line for each item from `start` on, and a last one that has no `index`.

    With `follow`, each line is sent as soon as it and all before it are there, and an empty one
    after `beat_seconds` without any, for FOLLOWED_SECONDS at most. Without, the first item that is
    not there ends it.
    """

    def __init__(self, jobs: Jobs, job: Job, start: int, follow: bool, beat_seconds: float) -> None:
        self._jobs = jobs
        self._job = job
        self._next = start
        self._until = time.monotonic() + (FOLLOWED_SECONDS if follow else 0.0)
        self._beat_seconds = beat_seconds
        self._sent = time.monotonic()

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._items()
            while self._follows() and self._job.end is None:
                yield from self._wait()
            last: dict[str, Any] = {"job": self._jobs.body(self._job, items=False)}
        except VoiceError as error:
            last = {"error": error.message, "status": error.status}
        yield _line({**last, "next": self._next})

    def _follows(self) -> bool:
        return time.monotonic() < self._until

    def _items(self) -> Iterator[bytes]:
        while self._next < self._job.head.count:
            if self._job.settled(self._next):
                yield self._item(self._next)
                self._sent = time.monotonic()
                self._next += 1
            elif not self._follows():
                return
            else:
                yield from self._wait()

    def _wait(self) -> Iterator[bytes]:
        if ending.is_set():
            raise Unavailable(STOPPING)
        left = self._sent + self._beat_seconds - time.monotonic()
        if left <= 0:
            self._sent = time.monotonic()
            yield b"\n"
        if not self._job.wait(self._next, min(LOOK_SECONDS, max(left, 0.0))):
            self._job = self._jobs.found.job(self._job.head.folder, self._job.head.id)

    def _item(self, index: int) -> bytes:
        failure = self._job.failure(index)
        if failure is None:
            result = self._jobs.shelf.result(self._jobs.shelf.place_of(self._job.head), index)
            if result is not None:
                return _line({"index": index, **result})
            failure = DAMAGED
        return _line({"index": index, **failure.model_dump()})


def _line(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode() + b"\n"
