"""One thread touches the model; callers share batches, wait their turn and may leave."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator

import pytest

from tests.patience import until
from voicehost.engines.clock import ClockVoice, frames_for
from voicehost.engines.protocol import SPEECH_RATE, EngineLost, LoadError, Report, SpeechInput
from voicehost.engines.step_cost import CURVES, FRAMES_PER_SECOND
from voicehost.errors import EngineFault, NotReady, RequestError
from voicehost.queueing.batch import Batch
from voicehost.queueing.fair_queue import FairQueue
from voicehost.queueing.pace import Pace
from voicehost.queueing.scheduler import WORKER_BOOT_ERROR, WORKER_FAULT, Scheduler
from voicehost.queueing.ticket import Ticket
from voicehost.telemetry.metrics import Metrics

LONG = "This is a long text of the job, about as long as a slide's narration usually is. " * 2
SHORT = "Hi."


class Metronome:
    """Stands for time: a step ends when the test lets it."""

    def __init__(self) -> None:
        self._steps = threading.Semaphore(0)
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._steps.acquire()

    def tick(self, steps: int = 1) -> None:
        self._steps.release(steps)


@pytest.fixture
def metronome() -> Metronome:
    return Metronome()


@pytest.fixture
def scheduler(metronome: Metronome) -> Iterator[Scheduler]:
    engine = ClockVoice(CURVES["t4"], rows=16, sleep=metronome.sleep)
    made = Scheduler(engine, FairQueue(200, 200), Metrics("test", out=io.StringIO()))
    made.start()
    metronome.tick(frames_for(engine.sample().text))
    until(lambda: made.progress.ready)
    yield made
    metronome.tick(100_000)
    made.close()


def ask(scheduler: Scheduler, *texts: str, key: str = "a") -> Ticket:
    ticket = Ticket([SpeechInput(text) for text in texts], key=key)
    scheduler.submit(ticket)
    return ticket


@pytest.mark.parametrize("key", ["a", "b"])
def test_a_short_text_waits_two_steps_at_most_behind_thirty_long_ones(
    scheduler: Scheduler, metronome: Metronome, key: str
) -> None:
    job = ask(scheduler, *[LONG] * 30)
    metronome.tick(20)
    until(lambda: len(metronome.slept) > 20 and job.works[0].started_step is not None)
    short = ask(scheduler, SHORT, key=key)
    metronome.tick(2 + frames_for(SHORT))
    assert short.wait(20)
    work = short.works[0]
    assert work.started_step is not None
    assert work.started_step - work.queued_step <= 2
    assert not job.settled


def test_items_of_several_callers_share_a_batch(scheduler: Scheduler, metronome: Metronome) -> None:
    tickets = [ask(scheduler, LONG, key=key) for key in "abcd"]
    metronome.tick(10)
    until(lambda: all(ticket.works[0].started_step is not None for ticket in tickets))
    metronome.tick(frames_for(LONG))
    for ticket in tickets:
        assert ticket.wait(20)
    assert max(metronome.slept) == pytest.approx(CURVES["t4"].seconds(4))


def test_the_tone_is_as_long_as_the_text_takes(scheduler: Scheduler, metronome: Metronome) -> None:
    ticket = ask(scheduler, LONG)
    metronome.tick(frames_for(LONG) + 1)
    assert ticket.wait(20)
    spoken = ticket.outcomes()[0].audio
    assert len(spoken) == round(frames_for(LONG) / FRAMES_PER_SECOND * SPEECH_RATE)


def test_a_caller_that_leaves_frees_the_model_within_a_step(
    scheduler: Scheduler, metronome: Metronome
) -> None:
    gone = ask(scheduler, *[LONG] * 20)
    metronome.tick(3)
    until(lambda: len(metronome.slept) > 3 and gone.works[0].started_step is not None)
    gone.abandon()
    scheduler.queue.discard(gone)
    steps = len(metronome.slept)
    metronome.tick(2)
    until(lambda: not scheduler.progress._busy)
    assert len(metronome.slept) <= steps + 1
    assert len(scheduler.queue) == 0


def test_work_is_refused_until_the_first_result(metronome: Metronome) -> None:
    engine = ClockVoice(CURVES["t4"], rows=4, sleep=metronome.sleep)
    made = Scheduler(engine, FairQueue(10, 10), Metrics("test", out=io.StringIO()))
    made.start()
    until(lambda: made.progress.snapshot().stage == "first result")
    with pytest.raises(NotReady):
        ask(made, SHORT)
    metronome.tick(1000)
    until(lambda: made.progress.ready)
    assert ask(made, SHORT).wait(20)
    made.close()


class Moody(ClockVoice):
    """An engine with faults of every kind, told by the text."""

    def run(self, batch: Batch) -> None:
        for work in batch.step():
            match work.payload.text:
                case "raise":
                    raise ValueError("out of memory")
                case "forget":
                    continue
                case "refuse":
                    batch.fail(work, RequestError("no"))
                case _:
                    batch.finish(work, work.payload.text)


@pytest.fixture
def moody() -> Iterator[Scheduler]:
    engine = Moody(CURVES["t4"], rows=4)
    made = Scheduler(engine, FairQueue(50, 50), Metrics("test", out=io.StringIO()))
    made.start()
    until(lambda: made.progress.ready)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("text", "error"), [("raise", EngineFault), ("forget", EngineFault), ("refuse", RequestError)]
)
def test_an_engine_fault_ends_its_request_and_the_next_one_works(
    moody: Scheduler, text: str, error: type[Exception]
) -> None:
    bad = ask(moody, text)
    assert bad.wait(20)
    with pytest.raises(error):
        bad.outcomes()
    good = ask(moody, "fine")
    assert good.wait(20)
    assert good.outcomes() == ["fine"]


def test_a_ticket_that_keeps_going_has_an_outcome_for_each_piece(moody: Scheduler) -> None:
    ticket = Ticket([SpeechInput(t) for t in ("a", "refuse", "b")], key="", keep_going=True)
    moody.submit(ticket)
    assert ticket.wait(20)
    first, second, third = ticket.outcomes()
    assert (first, third) == ("a", "b")
    assert isinstance(second, RequestError)


def test_only_the_scheduler_thread_touches_the_engine() -> None:
    seen: set[str] = set()

    class Witness(Moody):
        def load(self, report: Report) -> None:
            seen.add(threading.current_thread().name)

        def run(self, batch: Batch) -> None:
            seen.add(threading.current_thread().name)
            super().run(batch)

    engine = Witness(CURVES["t4"], rows=4)
    made = Scheduler(engine, FairQueue(500, 500), Metrics("test", out=io.StringIO()))
    made.start()
    until(lambda: made.progress.ready)
    threads = [threading.Thread(target=lambda: ask(made, "x").wait(20)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made.close()
    assert seen == {"scheduler-qwen3-tts"}


def test_a_stalled_engine_is_noticed_and_a_working_one_is_not(
    scheduler: Scheduler, metronome: Metronome
) -> None:
    assert scheduler.progress.snapshot().stalled_seconds == 0
    ask(scheduler, LONG)
    until(lambda: scheduler.progress.snapshot().stalled_seconds > 0.2)
    stalled = scheduler.progress.snapshot().stalled_seconds
    steps = scheduler.steps
    metronome.tick()
    until(lambda: scheduler.steps > steps)
    assert scheduler.progress.snapshot().stalled_seconds < stalled


def test_a_scheduler_that_cannot_go_on_says_so() -> None:
    class Unloadable(Moody):
        def load(self, report: Report) -> None:
            raise OSError("no such model")

    ended: list[int] = []
    engine = Unloadable(CURVES["t4"], rows=1)
    made = Scheduler(engine, FairQueue(5, 5), Metrics("test", out=io.StringIO()))
    made.start(ended.append)
    until(lambda: ended == [WORKER_BOOT_ERROR])
    snapshot = made.progress.snapshot()
    assert snapshot.stage == "failed"
    assert "no such model" not in snapshot.detail


def test_work_that_nobody_takes_is_a_stall_too() -> None:
    engine = Moody(CURVES["t4"], rows=1)
    made = Scheduler(engine, FairQueue(5, 5), Metrics("test", out=io.StringIO()))
    made.progress.enter("ready")  # its thread is never started
    assert made.stalled_seconds() == 0
    ask(made, "x")
    until(lambda: made.stalled_seconds() > 0.05)


def test_a_load_that_hangs_is_a_stall() -> None:
    loading = threading.Event()

    class Slow(Moody):
        def load(self, report: Report) -> None:
            loading.wait(20)

    made = Scheduler(
        Slow(CURVES["t4"], rows=1), FairQueue(5, 5), Metrics("test", out=io.StringIO())
    )
    made.start()
    until(lambda: made.stalled_seconds() > 0.05)
    loading.set()
    until(lambda: made.progress.ready)
    made.close()
    assert made.stalled_seconds() == 0


def test_why_a_model_cannot_be_loaded_is_logged_and_not_told_to_callers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Unloadable(Moody):
        def load(self, report: Report) -> None:
            raise LoadError("The folder /models/tts holds no checkpoint.")

    statuses: list[int] = []
    made = Scheduler(
        Unloadable(CURVES["t4"], rows=4), FairQueue(5, 5), Metrics("test", out=io.StringIO())
    )
    made.start(statuses.append)
    until(lambda: bool(statuses))
    assert statuses == [WORKER_BOOT_ERROR]
    assert "The folder /models/tts holds no checkpoint." in caplog.text
    assert made.progress.failed
    assert "/models" not in made.progress.snapshot().detail


def test_what_an_engine_counts_becomes_a_metric() -> None:
    class Counting(Moody):
        def run(self, batch: Batch) -> None:
            batch.count("OutOfMemory")
            super().run(batch)

    out = io.StringIO()
    metrics = Metrics("test", out=out)
    made = Scheduler(Counting(CURVES["t4"], rows=4), FairQueue(5, 5), metrics)
    made.start()
    until(lambda: made.progress.ready)
    made.close()
    metrics.write()
    assert '"OutOfMemory": [1]' in out.getvalue()


def test_what_is_left_of_the_running_batch_counts_before_the_queue() -> None:
    """A batch that is a tenth done after some time has nine times that time before it."""
    begun, go_on = threading.Event(), threading.Event()

    class Slow(Moody):
        def run(self, batch: Batch) -> None:
            if batch.rows[0].payload.text == "slow":
                batch.advance(0.001)
                begun.set()
                go_on.wait(20)
            super().run(batch)

    made = Scheduler(
        Slow(CURVES["t4"], rows=4), FairQueue(9, 9), Metrics("test", out=io.StringIO())
    )
    made.start()
    until(lambda: made.progress.ready)
    before = made.seconds_for(1)
    slow = ask(made, "slow")
    assert begun.wait(20)
    until(lambda: made.seconds_for(1) > before + 2)
    go_on.set()
    assert slow.wait(20)
    until(lambda: made.seconds_for(1) <= before + 1)
    made.close()


def test_an_engine_that_is_lost_fails_its_request_and_ends_the_worker() -> None:
    class Losing(Moody):
        def run(self, batch: Batch) -> None:
            if batch.rows[0].payload.text == "lose":
                raise EngineLost("the GPU is gone")
            super().run(batch)

    statuses: list[int] = []
    made = Scheduler(
        Losing(CURVES["t4"], rows=4), FairQueue(5, 5), Metrics("test", out=io.StringIO())
    )
    made.start(statuses.append)
    until(lambda: made.progress.ready)
    lost = ask(made, "lose")
    assert lost.wait(20)
    with pytest.raises(EngineFault):
        lost.outcomes()
    until(lambda: bool(statuses))
    assert statuses == [WORKER_FAULT]
    assert made.progress.failed


def test_pace_counts_batches_whose_pieces_end_together_and_no_pauses() -> None:
    pace = Pace()
    assert pace.seconds_per_piece == 1.0
    for start in (0.0, 100.0, 500.0):
        pace.begin(start)
        for _ in range(16):
            pace.note(start + 40.0)
    assert pace.seconds_per_piece == pytest.approx(2.5)


def test_pace_counts_pieces_that_end_one_after_another() -> None:
    pace = Pace()
    pace.begin(10.0)
    for piece in range(1, 21):
        pace.note(10.0 + piece * 0.3)
    assert pace.seconds_per_piece == pytest.approx(0.3)
