"""What is under way is counted exactly, and a drain lease excludes new work."""

from __future__ import annotations

import threading

import pytest

from voicehost.errors import Draining, QueueFull
from voicehost.telemetry.activity import Activity, Busy


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def nothing() -> None:
    pass


def refuse() -> None:
    raise QueueFull("full")


def test_a_refused_request_neither_counts_nor_moves_the_clock(clock: Clock) -> None:
    activity = Activity(clock)
    clock.now += 50
    with pytest.raises(QueueFull):
        activity.begin(refuse)
    now = activity.now()
    assert (now.in_flight, now.seconds_since_last_request) == (0, 50)


def test_the_idle_time_starts_when_the_answer_has_ended(clock: Clock) -> None:
    activity = Activity(clock)
    activity.begin(nothing)
    clock.now += 100
    assert activity.now().seconds_since_last_request == 0
    activity.end()
    clock.now += 7
    assert activity.now().seconds_since_last_request == 7


def test_a_drain_is_refused_while_work_is_under_way(clock: Clock) -> None:
    activity = Activity(clock)
    activity.begin(nothing)
    with pytest.raises(Busy) as caught:
        activity.drain(60)
    assert caught.value.in_flight == 1
    activity.end()
    activity.drain(60)


def test_a_lease_refuses_work_until_it_expires_by_itself(clock: Clock) -> None:
    activity = Activity(clock)
    activity.drain(60)
    clock.now += 59
    with pytest.raises(Draining) as caught:
        activity.begin(nothing)
    assert caught.value.retry_after == pytest.approx(1)
    clock.now += 1
    activity.begin(nothing)


def test_a_lease_can_be_renewed_and_ended(clock: Clock) -> None:
    activity = Activity(clock)
    activity.drain(60)
    clock.now += 50
    activity.drain(60)
    clock.now += 50
    with pytest.raises(Draining):
        activity.check()
    activity.resume()
    activity.check()


def test_draining_and_beginning_exclude_each_other_under_contention() -> None:
    activity = Activity()
    both: list[str] = []

    def work() -> None:
        for _ in range(300):
            try:
                activity.begin(nothing)
            except Draining:
                continue
            if activity.now().draining_seconds > 0:
                both.append("draining while in flight")
            activity.end()

    def power() -> None:
        for _ in range(300):
            try:
                activity.drain(10)
            except Busy:
                continue
            if activity.now().in_flight:
                both.append("in flight while draining")
            activity.resume()

    threads = [threading.Thread(target=target) for target in (work, work, work, power)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not both
    assert activity.now().in_flight == 0
