"""All jobs of one server: those that it works on, and those that are kept."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence

from voicehost.blobs.disk import DiskBlobs
from voicehost.errors import Unavailable
from voicehost.host import Host
from voicehost.items.call import BatchCall
from voicehost.jobs.books import Books
from voicehost.jobs.callbacks import Callbacks
from voicehost.jobs.endings import ending_of, failed_for_good
from voicehost.jobs.finding import Finding
from voicehost.jobs.followers import Followers
from voicehost.jobs.job import Job, Stop
from voicehost.jobs.keeper import Keeper
from voicehost.jobs.layout import JOBS_FOLDER, Place
from voicehost.jobs.pauses import Pauses
from voicehost.jobs.posting import Posting
from voicehost.jobs.records import End, Head, stamp
from voicehost.jobs.roll import Roll
from voicehost.jobs.runner import Runner
from voicehost.jobs.shelf import Shelf
from voicehost.jobs.shift import Shift
from voicehost.jobs.turns import Turns
from voicehost.web.bodies import MIB

log = logging.getLogger(__name__)

ABOUT_TO_END = "This job is about to end. Send the call again in a moment to have the rest done."
STOP_SECONDS = 10.0
CLOSE_SECONDS = 3.0
SOON_SECONDS = 5
NO_ROOM = (
    "The jobs on this server's disk take all the room that they may have (VOICE_JOBS_MIB). Delete "
    "jobs whose results you have, or wait for some to expire."
)
ROOM_SECONDS = 600
MOST_RESUMED = 3


class Jobs:
    """`calls` are the batch calls of this server. Thread-safe; methods raise KeepingFailed."""

    def __init__(self, host: Host, calls: Sequence[BatchCall], shelf: Shelf) -> None:
        settings = host.settings
        self.shelf = shelf
        self.callbacks = Callbacks(settings.callback_hosts)
        self.turns = Turns()
        self.pauses = Pauses()
        self.followers = Followers(settings.requests_at_once)
        self._host = host
        self._calls = {call.path: call for call in calls}
        self._roll = Roll(host.activity, settings.jobs_per_key)
        self.found = Finding(shelf, self._roll)
        self._books = Books(shelf, self.callbacks, self.turns, self.body, self._roll.__contains__)
        shift = Shift(host, self._calls, shelf, self._roll, self._books, self.pauses)
        self._runner = Runner(settings.jobs_at_once, shift.work)
        self.keeper = Keeper(self)

    def start(self) -> None:
        """Go on with what an earlier process left."""
        self.keeper.start()

    def close(self) -> None:
        """Stop, leaving what is not done for the next process."""
        self.keeper.close()
        self.callbacks.close()
        jobs = self.put_off()
        end = time.monotonic() + CLOSE_SECONDS
        for job in jobs:
            job.left.wait(max(0.0, end - time.monotonic()))

    def put_off(self) -> list[Job]:
        """Stop all, to go on later; those that were worked on."""
        jobs = self.live()
        for job in jobs:
            self.stop(job, Stop.LATER)
        return jobs

    def hold_back(self) -> None:
        """Put off what would not be begun now."""
        for job in self.live():
            if job.why is None and self._refused(job):
                log.info("job held back", extra={"job": job.head.id})
                self.stop(job, Stop.LATER)

    def fill(self) -> None:
        """Begin what there is room for."""
        self._runner.fill()

    def live(self) -> list[Job]:
        return self._roll.all()

    def live_at(self, place: Place) -> Job | None:
        return self._roll.at(place)

    def busy(self, place: Place) -> bool:
        """Whether it is worked on, or changed just now."""
        return place in self._roll or place in self.turns

    def body(self, job: Job, *, items: bool = True) -> dict[str, object]:
        return job.body(stamp(self.shelf.expires_at(job.head)), items=items)

    def post(self, posting: Posting) -> Job:
        """Begin a job, or go on with the one that the same call began before.

        Raises KeyBusy, Draining, and what the call's `split` raises.
        """
        place = self.shelf.place(posting.caller.folder, posting.id)
        with self.turns.of(place):
            job = self._at_rest(place)
            if job is None:
                self._check_room()
                items = posting.call.split(posting.body)
                head = posting.head(len(items))
                return self._begin(Job(head, set(), {}), lambda: self.shelf.create(head, items))
            missing = job.missing()
            if job.end is not None and not missing:
                self._books.tell(job, posting.callback)
                return job
            self._books.note(job, posting.callback)
            if job.end is None:
                return job
            self._host.batches.check(len(missing))
            made = set(range(job.head.count)) - set(missing)

            def reopen() -> None:
                if lost := self.shelf.not_given(place, missing):
                    self.shelf.give_again(place, lost, posting.call.split(posting.body))
                self.shelf.reopen(place)

            return self._begin(Job(job.head, made, {}), reopen)

    def cancel(self, folder: str, given: str) -> Job:
        """Drop what is not done. Raises UnknownJob."""
        place = self.found.place(folder, given)
        with self.turns.of(place):
            job = self.found.job(folder, given)
            if place in self._roll:
                self.stop(job, Stop.CANCELLED)
                job.left.wait(STOP_SECONDS)
            elif job.end is None:
                job.why = Stop.CANCELLED
                self._end(job, ending_of(job))
        return job

    def remove(self, folder: str, given: str) -> None:
        """Drop what is not done, and remove everything. Raises UnknownJob."""
        place = self.found.place(folder, given)
        with self.turns.of(place):
            job = self.found.job(folder, given)
            if place in self._roll:
                self.stop(job, Stop.REMOVED)
                job.left.wait(STOP_SECONDS)
            self.shelf.remove(place)

    def resume(self, place: Place, slot: str) -> None:
        """Go on with an open job that nobody works on. Raises Draining."""
        with self.turns.of(place):
            if place in self._roll or place in self._books or place in self.pauses:
                return
            head = self.shelf.head(place)
            if head is None:
                log.warning("open job cannot be read", extra={"job": place.id})
                self.shelf.unmark(place, slot)
                return
            if (end := self.shelf.end(head)) is not None:
                self._books.close(Job(head, set(), {}, end), slot)
                return
            if head.path in self._calls:
                self._go_on(head, place, slot)

    def _go_on(self, head: Head, place: Place, slot: str) -> None:
        marker = self.shelf.marker(place, slot)
        job = Job(head, self.shelf.made(place), self.shelf.failures(place))
        job.begun = marker.begun if job.finished <= marker.finished else 0
        if job.begun > MOST_RESUMED:
            log.error("job given up", extra={"job": head.id, "begun": job.begun})
            failed_for_good(job)
            self._end(job, ending_of(job), slot)
            return
        if self._refused(job):
            return

        def take_over() -> None:
            if slot != self.shelf.slot:
                self.shelf.mark(place, marker)
                self.shelf.unmark(place, slot)

        self._begin(job, take_over, limited=False)
        log.info("job goes on", extra={"job": head.id, "count": head.count, "done": job.finished})

    def _begin(self, job: Job, write: Callable[[], None], *, limited: bool = True) -> Job:
        """Work counts as under way from here to its end. Raises KeyBusy, Draining."""
        place = self.shelf.place_of(job.head)
        self._roll.enter(place, job, limited=limited)
        try:
            write()
        except BaseException:
            self._roll.leave(place, job, None)
            raise
        self._runner.add(job)
        return job

    def _check_room(self) -> None:
        """Raises Unavailable where jobs take too much of the disk."""
        blobs = self.shelf.blobs
        most = self._host.settings.jobs_mib * MIB
        if isinstance(blobs, DiskBlobs) and blobs.size(JOBS_FOLDER) >= most:
            raise Unavailable(NO_ROOM, retry_after=ROOM_SECONDS)

    def _refused(self, job: Job) -> bool:
        """Whether what is left of the budget is not for this job."""
        return self._host.batches.refused_seconds() > 0 and job.head.count - job.finished > 1

    def _end(self, job: Job, end: End, slot: str | None = None) -> None:
        """End a job that nobody works on."""
        self.shelf.keep_end(self.shelf.place_of(job.head), end)
        job.leave(end)
        self._books.close(job, slot or self.shelf.slot)

    def stop(self, job: Job, why: Stop) -> None:
        job.stop(why)
        self._runner.hurry(job)

    def _at_rest(self, place: Place) -> Job | None:
        """The job, if it is there and is not about to end."""
        job = self.found.at(place)
        if job is not None and job.why is not None:
            job.left.wait(STOP_SECONDS)
            job = self.found.at(place)
            if job is not None and job.why is not None:
                raise Unavailable(ABOUT_TO_END, retry_after=SOON_SECONDS)
        return job
