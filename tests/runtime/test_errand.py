"""Work for one caller on any thread: in order, called off with its caller, and patient if asked."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.patience import until
from tests.runtime.held_voice import HeldVoice
from voicehost.caller import Caller
from voicehost.engines.clock import frames_for, tone
from voicehost.engines.protocol import SpeechInput
from voicehost.errand import Errand
from voicehost.errors import (
    CallerGone,
    DeadlinePassed,
    EngineFault,
    KeyBusy,
    NotReady,
    QueueFull,
    TooLarge,
)
from voicehost.queueing.fair_queue import FairQueue
from voicehost.queueing.scheduler import Scheduler
from voicehost.telemetry.metrics import Metrics

ALICE = Caller("alice", "folder", "request")


@pytest.fixture
def voice() -> HeldVoice:
    return HeldVoice(rows=1, held=True)


@pytest.fixture
def scheduler(voice: HeldVoice) -> Iterator[Scheduler]:
    made = Scheduler(voice, FairQueue(4, 3), Metrics("test", out=io.StringIO()))
    made.start()
    until(lambda: made.progress.ready)
    yield made
    voice.allow()
    made.close()


def inputs(*texts: str) -> list[SpeechInput]:
    return [SpeechInput(text) for text in texts]


class Aside:
    """What a call gives or raises, on a thread of its own."""

    def __init__(self, call: Any) -> None:
        self.result: Any = None
        self.error: BaseException | None = None

        def main() -> None:
            try:
                self.result = call()
            except BaseException as error:
                self.error = error

        self.thread = threading.Thread(target=main)
        self.thread.start()

    def over(self) -> Aside:
        self.thread.join(20)
        assert not self.thread.is_alive()
        return self


def busy(scheduler: Scheduler, voice: HeldVoice) -> Aside:
    """The engine works on a text that it may not finish yet."""
    working = Aside(lambda: Errand(Caller("bob", "", "")).run(scheduler, inputs("Held.")))
    until(lambda: "Held." in voice.seen)
    return working


def test_results_come_in_the_order_of_the_payloads(scheduler: Scheduler, voice: HeldVoice) -> None:
    voice.allow()
    texts = ["A long first text, which takes its time.", "Short."]
    results = Errand(ALICE).run(scheduler, inputs(*texts))
    assert [len(result.audio) for result in results] == [
        len(tone(frames_for(text))) for text in texts
    ]


def test_each_result_is_there_before_the_next(scheduler: Scheduler, voice: HeldVoice) -> None:
    voice.allow("One.")
    results = Errand(ALICE).each(scheduler, inputs("One.", "Two."))
    assert next(results).complete
    assert voice.said == ["One."]
    voice.allow()
    assert len(list(results)) == 1


def test_whoever_leaves_the_loop_early_drops_the_rest(
    scheduler: Scheduler, voice: HeldVoice
) -> None:
    voice.allow("One.")
    results = Errand(ALICE).each(scheduler, inputs("One.", "Two.", "Three."))
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(scheduler.queue) == 0
    voice.allow()
    Errand(ALICE).run(scheduler, inputs("Four."))
    assert voice.said == ["One.", "Four."]


def test_the_first_failure_is_raised_and_ends_the_rest(
    scheduler: Scheduler, voice: HeldVoice
) -> None:
    voice.broken["One."] = 1
    voice.allow("One.")
    with pytest.raises(EngineFault):
        Errand(ALICE).run(scheduler, inputs("One.", "Two."))
    assert len(scheduler.queue) == 0


def test_a_failure_may_stand_in_its_place(scheduler: Scheduler, voice: HeldVoice) -> None:
    voice.broken["One."] = 1
    voice.allow()
    failed, spoken = Errand(ALICE).run(scheduler, inputs("One.", "Two."), keep_going=True)
    assert isinstance(failed, EngineFault)
    assert spoken.complete


def test_a_cancelled_errand_drops_what_waits_and_what_runs(
    scheduler: Scheduler, voice: HeldVoice
) -> None:
    errand = Errand(ALICE)
    working = Aside(lambda: errand.run(scheduler, inputs("One.", "Two.")))
    until(lambda: "One." in voice.seen)
    errand.cancel()
    assert isinstance(working.over().error, CallerGone)
    assert len(scheduler.queue) == 0
    voice.allow()
    Errand(ALICE).run(scheduler, inputs("Three."))
    assert voice.said == ["Three."]
    with pytest.raises(CallerGone):
        errand.run(scheduler, inputs("Four."))


def test_a_caller_who_has_gone_cancels_everything(scheduler: Scheduler, voice: HeldVoice) -> None:
    gone = threading.Event()
    errand = Errand(ALICE, gone=gone.is_set)
    assert errand.wanted()
    working = Aside(lambda: errand.run(scheduler, inputs("One.")))
    until(lambda: "One." in voice.seen)
    gone.set()
    assert isinstance(working.over().error, CallerGone)
    assert not errand.wanted()


def test_the_deadline_ends_an_errand(scheduler: Scheduler) -> None:
    errand = Errand(ALICE, deadline=time.monotonic() + 0.2)
    with pytest.raises(DeadlinePassed) as failure:
        errand.run(scheduler, inputs("One."))
    assert failure.value.retry_after
    assert errand.seconds_left() == 0
    with pytest.raises(DeadlinePassed):
        errand.check()
    with pytest.raises(DeadlinePassed):
        errand.pause(1)


def test_a_pause_ends_with_its_caller() -> None:
    errand = Errand(ALICE)
    pausing = Aside(lambda: errand.pause(600))
    until(pausing.thread.is_alive)
    errand.cancel()
    assert isinstance(pausing.over().error, CallerGone)


@pytest.mark.parametrize(("waiting", "error"), [(3, KeyBusy), (2, QueueFull)])
def test_without_room_an_errand_is_refused_or_waits_if_it_is_patient(
    scheduler: Scheduler, voice: HeldVoice, waiting: int, error: type[Exception]
) -> None:
    held = busy(scheduler, voice)
    mine = Aside(
        lambda: Errand(ALICE).run(scheduler, inputs(*(f"Mine {i}." for i in range(waiting))))
    )
    until(lambda: len(scheduler.queue) == waiting)
    others = 4 - waiting if error is QueueFull else 0
    his = Aside(
        lambda: Errand(Caller("carol", "", "")).run(
            scheduler, inputs(*(f"Hers {i}." for i in range(others)))
        )
    )
    until(lambda: len(scheduler.queue) == waiting + others)
    with pytest.raises(error):
        Errand(ALICE).run(scheduler, inputs("More."))
    patient = Aside(lambda: Errand(ALICE).run(scheduler, inputs("More."), patient=True))
    voice.allow()
    assert len(patient.over().result) == 1
    for aside in (held, mine, his):
        assert aside.over().error is None


def test_what_could_never_fit_is_refused_even_to_the_patient(scheduler: Scheduler) -> None:
    texts = inputs(*(f"Text {number}." for number in range(4)))
    with pytest.raises(TooLarge):
        Errand(ALICE).run(scheduler, texts, patient=True)


def test_a_keys_own_limit_holds_for_its_errands(scheduler: Scheduler, voice: HeldVoice) -> None:
    held = busy(scheduler, voice)
    errand = Errand(Caller("alice", "folder", "request", queue_items=1))
    with pytest.raises(TooLarge):
        errand.run(scheduler, inputs("One.", "Two."))
    voice.allow()
    held.over()


def test_patience_waits_for_the_model(voice: HeldVoice) -> None:
    cold = Scheduler(voice, FairQueue(4, 3), Metrics("test", out=io.StringIO()))
    with pytest.raises(NotReady):
        Errand(ALICE).run(cold, inputs("One."))
    voice.allow()
    waiting = Aside(lambda: Errand(ALICE).run(cold, inputs("One."), patient=True))
    until(waiting.thread.is_alive)
    cold.start()
    assert len(waiting.over().result) == 1
    cold.close()


def test_an_errand_knows_how_long_its_first_piece_waited(
    scheduler: Scheduler, voice: HeldVoice
) -> None:
    held = busy(scheduler, voice)
    first = Aside(lambda: Errand(ALICE).run(scheduler, inputs("One.", "Two.")))
    until(lambda: len(scheduler.queue) == 2)
    errand = Errand(ALICE)
    mine = Aside(lambda: errand.run(scheduler, inputs("Three.")))
    until(lambda: len(scheduler.queue) == 3)
    voice.allow()
    for aside in (held, first, mine):
        aside.over()
    assert errand.position == 2
    assert errand.queue_seconds > 0
