"""Places are given in order, at once, and never all of them to jobs."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.patience import until
from tests.runtime.beside import errand_of
from voicehost.errand import Errand
from voicehost.errors import CallerGone, DeadlinePassed
from voicehost.neighbour import places as module
from voicehost.neighbour.places import Places


class Callers:
    """Each takes a place on a thread of its own and holds it until it may leave."""

    def __init__(self, places: Places, threads: ThreadPoolExecutor) -> None:
        self.places = places
        self.inside: list[str] = []
        self._threads = threads
        self._leave: dict[str, threading.Event] = {}
        self._came = 0

    def come(self, name: str, errand: Errand | None = None) -> Future[None]:
        """Returns when the caller is inside or stands in line."""
        self._leave[name] = threading.Event()
        self._came += 1
        coming = self._threads.submit(self._call, name, errand or errand_of(name))
        until(lambda: coming.done() or len(self.inside) + self.waiting == self._came)
        return coming

    def leave(self, name: str) -> None:
        self._leave[name].set()

    @property
    def waiting(self) -> int:
        return len(self.places._waiting)

    def _call(self, name: str, errand: Errand) -> None:
        with self.places.one(errand):
            self.inside.append(name)
            assert self._leave[name].wait(60)


@pytest.fixture
def threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(8)


def test_a_free_place_is_the_longest_waiters_at_once(
    threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 600)
    callers = Callers(Places(1), threads)
    for name in ("a", "b", "c", "d"):
        callers.come(name)
    assert callers.inside == ["a"]
    for name in ("a", "b", "c", "d"):
        callers.leave(name)
    threads.shutdown()
    assert callers.inside == ["a", "b", "c", "d"]


def test_jobs_hold_at_most_half_of_the_places(threads: ThreadPoolExecutor) -> None:
    callers = Callers(Places(4), threads)
    for name in ("1+jobs", "2+jobs", "3+jobs", "4+jobs"):
        callers.come(name)
    for name in ("a", "b"):
        callers.come(name)
    assert sorted(callers.inside) == ["1+jobs", "2+jobs", "a", "b"]
    callers.come("c")
    callers.leave("a")
    until(lambda: "c" in callers.inside)
    assert callers.waiting == 2
    callers.leave("2+jobs")
    until(lambda: "3+jobs" in callers.inside)
    for name in ("1+jobs", "3+jobs", "4+jobs", "b", "c"):
        callers.leave(name)
    threads.shutdown()


def test_callers_may_hold_all_and_a_job_is_never_shut_out_for_ever(
    threads: ThreadPoolExecutor,
) -> None:
    callers = Callers(Places(2), threads)
    for name in ("a", "b", "1+jobs", "c"):
        callers.come(name)
    assert sorted(callers.inside) == ["a", "b"]
    callers.leave("a")
    until(lambda: "1+jobs" in callers.inside)
    assert "c" not in callers.inside
    for name in ("b", "1+jobs", "c"):
        callers.leave(name)
    threads.shutdown()


def test_whoever_gives_up_leaves_the_line_and_no_place_is_lost(
    threads: ThreadPoolExecutor,
) -> None:
    callers = Callers(Places(1), threads)
    gone = errand_of("b")
    late = errand_of("c", deadline=time.monotonic() + 0.1)
    callers.come("a")
    with pytest.raises(DeadlinePassed):
        callers.come("c", late).result(20)
    callers._came -= 1
    giving_up = callers.come("b", gone)
    gone.cancel()
    with pytest.raises(CallerGone):
        giving_up.result(20)
    assert callers.waiting == 0
    callers.leave("a")
    with callers.places.one(errand_of("d")):
        assert callers.places._free == 0
    assert callers.places._free == 1
    threads.shutdown()
