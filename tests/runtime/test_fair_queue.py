"""The queue takes turns, is bounded, and loses nothing."""

from __future__ import annotations

import random
import threading

import pytest

from voicehost.errors import KeyBusy, QueueFull, TooLarge
from voicehost.queueing.fair_queue import FairQueue
from voicehost.queueing.ticket import Ticket


def ticket(key: str, count: int) -> Ticket:
    return Ticket([f"{key}{i}" for i in range(count)], key=key)


def put(queue: FairQueue, *tickets: Ticket) -> None:
    for each in tickets:
        queue.put(each, float)


def order(queue: FairQueue) -> list[str]:
    taken = []
    while work := queue.take(1):
        taken.append(work[0].payload)
    return taken


def test_one_text_is_next_but_one_behind_thirty_of_another_key() -> None:
    queue = FairQueue(100, 100)
    put(queue, ticket("a", 30), ticket("b", 1))
    assert order(queue).index("b0") == 1


def test_keys_take_turns_whatever_their_number_of_requests() -> None:
    queue = FairQueue(100, 100)
    put(queue, ticket("a", 3), ticket("a", 3), ticket("a", 3), ticket("b", 3))
    assert [payload[0] for payload in order(queue)[:6]] == ["a", "b", "a", "b", "a", "b"]


def test_requests_of_one_key_take_turns_and_keep_their_order() -> None:
    queue = FairQueue(100, 100)
    first, second = ticket("a", 3), Ticket(["x0", "x1"], key="a")
    put(queue, first, second)
    assert order(queue) == ["a0", "x0", "a1", "x1", "a2"]


def test_a_full_queue_refuses_the_whole_request_and_says_when_to_come_back() -> None:
    queue = FairQueue(4, 4)
    put(queue, ticket("a", 3))
    with pytest.raises(QueueFull) as caught:
        queue.put(ticket("b", 2), lambda pieces: 7.2 * pieces)
    assert caught.value.retry_after == 8
    assert len(queue) == 3


@pytest.mark.parametrize(("limit", "fits"), [(1, 1), (5, 5), (100, 10)])
def test_a_limit_of_its_own_replaces_a_keys_share_but_not_the_capacity(
    limit: int, fits: int
) -> None:
    queue = FairQueue(10, 3)

    def limited(count: int) -> Ticket:
        return Ticket(["x"] * count, key="a", most_waiting=limit)

    with pytest.raises(TooLarge):
        put(queue, limited(fits + 1))
    put(queue, *[limited(1) for _ in range(fits)])
    with pytest.raises(KeyBusy if limit < 10 else QueueFull):
        put(queue, limited(1))


def test_a_key_has_a_share_of_its_own() -> None:
    queue = FairQueue(10, 3)
    put(queue, ticket("a", 3))
    with pytest.raises(KeyBusy):
        put(queue, ticket("a", 1))
    put(queue, ticket("b", 3))
    queue.take(2)
    put(queue, ticket("a", 1))


def test_a_request_that_never_fits_is_too_large() -> None:
    with pytest.raises(TooLarge, match="several smaller"):
        put(FairQueue(10, 3), ticket("a", 4))


def test_the_position_is_what_waits_before() -> None:
    queue = FairQueue(10, 10)
    first, second = ticket("a", 3), ticket("b", 1)
    put(queue, first, second)
    assert (first.position, second.position) == (0, 3)


def test_rows_kept_for_newcomers_go_to_requests_with_none_running() -> None:
    queue = FairQueue(100, 100)
    long = ticket("a", 30)
    put(queue, long)
    assert len(queue.take(16, keep_for_new=1)) == 15
    assert queue.take(1, running=[long], keep_for_new=1) == []
    put(queue, ticket("a", 1))
    assert [work.payload for work in queue.take(1, running=[long], keep_for_new=1)] == ["a0"]


def test_a_request_without_work_waits_for_nothing() -> None:
    queue = FairQueue(4, 4)
    empty = ticket("a", 0)
    put(queue, empty)
    assert empty.settled
    assert queue.take(1) == []


def test_a_dropped_request_frees_its_places() -> None:
    queue = FairQueue(4, 4)
    gone = ticket("a", 4)
    put(queue, gone)
    queue.take(1)
    queue.discard(gone)
    queue.discard(gone)
    assert len(queue) == 0
    put(queue, ticket("a", 4))


def test_random_traffic_loses_and_doubles_nothing() -> None:
    rng = random.Random(7)
    queue = FairQueue(500, 500)
    waiting: set[object] = set()
    for step in range(3000):
        if rng.random() < 0.4:
            new = Ticket([(step, i) for i in range(rng.randint(1, 5))], key=rng.choice("abcd"))
            try:
                put(queue, new)
            except QueueFull:
                continue
            waiting |= {work.payload for work in new.works}
        else:
            for work in queue.take(rng.randint(1, 4)):
                waiting.remove(work.payload)
        assert len(queue) == len(waiting)
    for work in queue.take(500):
        waiting.remove(work.payload)
    assert not waiting


@pytest.mark.parametrize("waiting", [0, 1])
def test_who_waits_for_work_hears_of_the_end(waiting: int) -> None:
    queue = FairQueue(4, 4)
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(queue.wait(60)))
    thread.start()
    put(queue, ticket("a", waiting))
    queue.end()
    thread.join(30)
    assert found == [bool(waiting)]
