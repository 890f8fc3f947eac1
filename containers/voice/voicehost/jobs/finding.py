"""Where a caller's jobs are, and how they stand."""

from __future__ import annotations

import re

from voicehost.errors import UnknownJob
from voicehost.jobs.job import Job, Stop
from voicehost.jobs.layout import Place
from voicehost.jobs.records import Head
from voicehost.jobs.roll import Roll
from voicehost.jobs.shelf import Shelf, together

ID = re.compile(r"[0-9a-f]{32}")
UNKNOWN = (
    "There is no such job of this key on this server; it may have expired or been deleted. Each of "
    "the two servers has its own jobs: /tts/jobs and /whisperx/jobs."
)


class Finding:
    """Thread-safe; methods raise KeepingFailed."""

    def __init__(self, shelf: Shelf, roll: Roll) -> None:
        self._shelf = shelf
        self._roll = roll

    def place(self, folder: str, given: str) -> Place:
        """Where a job with this id would be. Raises UnknownJob for what is no id."""
        if not ID.fullmatch(given):
            raise UnknownJob(UNKNOWN)
        return self._shelf.place(folder, given)

    def job(self, folder: str, given: str) -> Job:
        """Raises UnknownJob."""
        job = self.at(self.place(folder, given))
        if job is None:
            raise UnknownJob(UNKNOWN)
        return job

    def all(self, folder: str) -> list[Job]:
        """A caller's jobs, newest first."""
        heads = self._shelf.heads(folder)
        found = together(lambda head: self.at(self._shelf.place_of(head), head), heads)
        return [job for job in found if job is not None]

    def at(self, place: Place, head: Head | None = None) -> Job | None:
        """One that is worked on; else as it is kept; None when it is not there."""
        job = self._roll.at(place)
        if job is not None:
            return None if job.why is Stop.REMOVED else job
        head = head or self._shelf.head(place)
        if head is None:
            return None
        end = self._shelf.end(head)
        if end is not None:
            return Job(head, set(), {}, end)
        return Job(head, self._shelf.made(place), self._shelf.failures(place))
