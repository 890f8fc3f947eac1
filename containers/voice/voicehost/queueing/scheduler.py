"""The thread that alone touches a model, and the way in for requests."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from voicehost.engines.protocol import Engine, EngineLost, LoadError
from voicehost.errors import EngineFault, NotReady
from voicehost.queueing.batch import Batch
from voicehost.queueing.fair_queue import FairQueue
from voicehost.queueing.pace import Pace
from voicehost.queueing.progress import Progress
from voicehost.queueing.ticket import Ticket, Work
from voicehost.telemetry.metrics import Metrics

log = logging.getLogger(__name__)

# gunicorn's exit code for a worker that cannot start: its master then ends too, and the
# process manager decides, instead of forking the same failure for ever.
WORKER_BOOT_ERROR = 3
# Any other: the master starts a new worker, with a new thread and counters at zero.
WORKER_FAULT = 1
# Of fewer rows, one would be too large a share to keep free.
ROWS_TO_KEEP_ONE = 4
NOT_LOADED = "The model could not be loaded; the server's log says why."
BROKEN = "The engine failed on this request. Try again; if it stays, the server's log says why."


class Scheduler:
    """Queue, thread and engine of one model.

    `submit()` is called by request threads; everything else happens on the scheduler's own
    thread, from loading to the last row.
    """

    def __init__(self, engine: Engine, queue: FairQueue, metrics: Metrics) -> None:
        self.engine = engine
        self.queue = queue
        self.progress = Progress()
        self.steps = 0
        self._waiting_since = 0.0
        self._pace = Pace()
        self._metrics = metrics
        self._running: Batch | None = None
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, on_failure: Callable[[int], object] = lambda status: None) -> None:
        """Load the model and begin to work, on the scheduler's thread.

        `on_failure(status)` is called from there when it cannot go on: with WORKER_BOOT_ERROR
        when the model does not load, with WORKER_FAULT when the thread itself fails.
        """
        self._thread = threading.Thread(
            target=self._main, args=(on_failure,), name=f"scheduler-{self.engine.name}", daemon=True
        )
        self._thread.start()

    def close(self, seconds: float = 5.0) -> None:
        """Stop taking work; returns when the running batch has ended or the time is over."""
        self._closed.set()
        self.queue.end()
        if self._thread is not None:
            self._thread.join(seconds)

    def submit(self, ticket: Ticket) -> None:
        """Queue a request. Raises NotReady, QueueFull, KeyBusy or TooLarge."""
        self.check_ready()
        for work in ticket.works:
            work.queued_at, work.queued_step = ticket.created_at, self.steps
        if len(self.queue) == 0:
            self._waiting_since = time.monotonic()
        self.queue.put(ticket, self.seconds_for)

    def stalled_seconds(self) -> float:
        """Time since the engine last moved while it is busy, or while work waits untouched."""
        snapshot = self.progress.snapshot()
        if snapshot.busy or len(self.queue) == 0:
            return snapshot.stalled_seconds
        return min(time.monotonic() - self._waiting_since, snapshot.still_seconds)

    def check_ready(self) -> None:
        """Raise NotReady until the model has made its first result."""
        if not self.progress.ready:
            raise NotReady(
                "The model is still loading; /ready shows how far it is. Try again in a moment.",
                retry_after=5,
            )

    def seconds_for(self, pieces: int) -> float:
        """How long the batch that runs and so many pieces take at the recent pace, in seconds, 1 to
        120."""
        running = self._running
        left = running.seconds_left() if running is not None else 0.0
        return min(120.0, max(1.0, left + self._pace.seconds_per_piece * pieces))

    def _main(self, on_failure: Callable[[int], object]) -> None:
        try:
            self._load()
        except LoadError as error:
            log.error("the model cannot be loaded: %s", error, extra={"engine": self.engine.name})
            self.progress.enter("failed", NOT_LOADED)
            on_failure(WORKER_BOOT_ERROR)
            return
        except BaseException:
            self._fail(NOT_LOADED)
            on_failure(WORKER_BOOT_ERROR)
            return
        try:
            while not self._closed.is_set():
                if self.queue.wait(0.5) and (works := self._admit([], self.engine.rows)):
                    self._run(works)
        except BaseException:
            self._fail("The scheduler has failed; the server's log says why.")
            on_failure(WORKER_FAULT)

    def _fail(self, message: str) -> None:
        log.exception("scheduler ended", extra={"engine": self.engine.name})
        self.progress.enter("failed", message)

    def _load(self) -> None:
        self.progress.enter("loading", self.engine.name)
        self.progress.busy(True)
        self.engine.load(self.progress.loading)
        self.progress.enter("first result")
        first = Ticket([self.engine.sample()], key="")
        self._run(first.works)
        first.outcomes()
        self.progress.enter("ready")
        log.info("model ready", extra={"engine": self.engine.name, "model": self.engine.model})

    def _run(self, works: list[Work]) -> None:
        batch = Batch(
            works,
            refill=self._refill if self.engine.refills else None,
            on_step=self._step,
            on_done=self._done,
            on_event=lambda name: self._metrics.add(name, 1, "Count"),
        )
        self._running = batch
        self._pace.begin(time.monotonic())
        self._step()
        self.progress.busy(True)
        try:
            self.engine.run(batch)
        except EngineLost:
            raise
        except Exception:
            requests = sorted({work.ticket.request_id for work in batch.rows})
            log.exception(
                "engine failed", extra={"engine": self.engine.name, "request_ids": requests}
            )
        finally:
            self.progress.busy(False)
            self._running = None
            for work in list(batch.rows):
                batch.fail(work, EngineFault(BROKEN))

    def _step(self) -> None:
        self.steps += 1
        self.progress.moved()

    def _refill(self, rows: Sequence[Work]) -> list[Work]:
        return self._admit(rows, self.engine.rows - len(rows))

    def _admit(self, running: Sequence[Work], free: int) -> list[Work]:
        # One row of an engine that refills stays free for a request that has none running,
        # so that a short text never waits for somebody's thirty long ones to end.
        keep = 1 if self.engine.refills and self.engine.rows >= ROWS_TO_KEEP_ONE else 0
        admitted: list[Work] = []
        while free > len(admitted):
            tickets = [work.ticket for work in (*running, *admitted)]
            taken = self.queue.take(free - len(admitted), running=tickets, keep_for_new=keep)
            if not taken:
                break
            admitted += [work for work in taken if not work.cancelled]
        now = time.monotonic()
        for work in admitted:
            work.ticket.note_start(work, now, self.steps)
            self._metrics.add("QueueWaitSeconds", now - work.queued_at, "Seconds")
        return admitted

    def _done(self, work: Work, seconds: float) -> None:
        self._pace.note(time.monotonic())
        if work.started_at is not None:
            self._metrics.add("GenerationSeconds", seconds, "Seconds")
