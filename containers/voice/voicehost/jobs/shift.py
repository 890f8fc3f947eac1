"""One job from when its turn comes to when it is left: ended, or to go on later."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from voicehost.errors import KeepingFailed
from voicehost.host import Host
from voicehost.items.call import BatchCall
from voicehost.jobs.books import Books
from voicehost.jobs.job import Job, Stop
from voicehost.jobs.layout import Place
from voicehost.jobs.pauses import Pauses
from voicehost.jobs.records import End, Marker
from voicehost.jobs.roll import Roll
from voicehost.jobs.shelf import Shelf
from voicehost.jobs.work import Work

log = logging.getLogger(__name__)


class Shift:
    def __init__(
        self,
        host: Host,
        calls: Mapping[str, BatchCall],
        shelf: Shelf,
        roll: Roll,
        books: Books,
        pauses: Pauses,
    ) -> None:
        self._host = host
        self._calls = calls
        self._shelf = shelf
        self._roll = roll
        self._books = books
        self._pauses = pauses

    def work(self, job: Job) -> None:
        """Until all is done or it is stopped; what became of it is written down then."""
        place = self._shelf.place_of(job.head)
        end: End | None = None
        try:
            Work(self._host, self._calls[job.head.path], job, self._shelf).run()
            end = self._over(place, job)
        except KeepingFailed as error:
            self._put_aside(place, job, error.message)
        except Exception:
            log.exception("job put off", extra={"job": job.head.id})
            self._pauses.begin(place)
        finally:
            self._roll.leave(place, job, end)
        if end is not None and not end.told:
            self._books.close(job, self._shelf.slot)

    def _over(self, place: Place, job: Job) -> End | None:
        """Write down how the work on a job stopped. Raises KeepingFailed."""
        if job.why is Stop.LATER:
            if job.begun:
                # An orderly end is nobody's fault.
                self._shelf.mark(place, Marker(finished=job.finished))
            return None
        if job.why is Stop.STUCK:
            self._put_aside(place, job, "its results cannot be kept")
            return None
        if job.why is Stop.REMOVED:
            # What was put there after it was removed; unless it has begun anew.
            if self._roll.at(place) is job:
                self._shelf.remove(place)
            return None
        end = self._books.keep_end(job)
        self._pauses.forget(place)
        if end.status == "done":
            self._shelf.drop_given(place)
        # While the job is still here: the next call of its kind marks it anew.
        if end.told:
            self._shelf.unmark(place)
        return end

    def _put_aside(self, place: Place, job: Job, reason: str) -> None:
        log.warning("job put aside", extra={"job": job.head.id, "reason": reason})
        if job.finished > job.marked:
            self._pauses.forget(place)
        self._pauses.begin(place)
