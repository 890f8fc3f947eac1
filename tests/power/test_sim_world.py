"""The simulated table and metrics behave as the true ones do."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

from bench.power.lines import Lines, delay
from bench.power.memory import Table
from bench.power.rates import REALISTIC
from power.aws import metrics
from power.memory import Memory, PastStart
from power.model import Lease, SlotRecord, StopWish, Wish
from power.table import DynamoStore
from tests.power.house import NOW, House


def lines_written(seed: int) -> tuple[Lines, list[tuple[float, float, float, int]]]:
    """Half an hour of lines, and the same as (written, visible, age, in flight)."""
    dice = Random(seed)
    lines, written = Lines(REALISTIC, dice), []
    at = NOW + dice.uniform(0, 60)
    for _ in range(15):
        age, in_flight = dice.choice([(0.0, 2), (dice.uniform(0, 900), 0)])
        visible = lines.write(at, age, in_flight)
        if visible is not None:
            written.append((at, visible, age, in_flight))
        at += 60
    return lines, written


def as_cloudwatch(
    written: list[tuple[float, float, float, int]], now: float
) -> dict[str, dict[str, list[Any]]]:
    """What GetMetricData gives of them: a value a minute, the smallest age, the most in flight."""
    ages: dict[float, float] = {}
    flights: dict[float, float] = {}
    for at, visible, age, in_flight in written:
        if visible <= now:
            minute = at - at % 60
            ages[minute] = min(age, ages.get(minute, age))
            flights[minute] = max(in_flight, flights.get(minute, 0))
    return {
        f"tts_{short}": {
            "Timestamps": [datetime.fromtimestamp(minute, UTC) for minute in values],
            "Values": list(values.values()),
        }
        for short, values in (("age", ages), ("flight", flights))
    }


def test_simulated_metrics_are_read_as_the_function_reads_cloudwatch() -> None:
    compared = 0
    for seed in range(40):
        lines, written = lines_written(seed)
        for now in (NOW + 30, NOW + 200, NOW + 500, NOW + 870):
            expected = metrics._facts(as_cloudwatch(written, now), "tts", now)
            assert lines.seen(now, minutes=60) == expected
            compared += expected.newest_at is not None
    assert compared > 100


def test_metrics_come_after_one_to_two_minutes_and_some_much_later() -> None:
    dice = Random(1)
    delays = sorted(delay(dice, REALISTIC.line_late) for _ in range(10_000))
    assert 60 < delays[5000] < 90
    assert delays[9500] < 180
    assert 600 < delays[-1] <= 900


def test_the_simulated_table_is_read_as_the_true_one(house: House) -> None:
    true, simulated = house.store, Table(lambda slot: None)
    for store in (true, simulated):
        write_into(store)
    assert simulated.read() == true.read()
    assert simulated.read() != Memory()


def write_into(store: DynamoStore | Table) -> None:
    store.put_record("blue", SlotRecord(phase="on", since=NOW))
    store.put_wish("live", Wish(NOW, "alice"))
    store.put_wish("live", Wish(NOW - 5, "late"))
    store.put_wish("live", Wish(NOW - 9, "bob", urgent=True))
    store.put_stop_wish("live", StopWish(NOW, "cy", NOW + 1e9))
    store.put_stop_wish("live", StopWish(NOW - 1, "late", NOW + 1e9))
    for owner in ("dan", "eve"):
        store.put_lease(Lease(owner, owner, "demo", NOW, NOW + 1e9))
    store.drop_lease("dan")
    for number in range(55):
        store.put_start(PastStart("blue", NOW + number, {"warm": NOW + number + 300}))


def test_both_tables_give_the_lock_to_one(house: House) -> None:
    for store in (house.store, Table(lambda slot: None)):
        assert store.lock("a", NOW, 150)
        assert not store.lock("b", NOW + 149, 150)
        assert store.lock("a", NOW + 149, 150)
        store.unlock("b")
        assert not store.lock("b", NOW + 150, 150)
        assert store.lock("b", NOW + 299, 150)
        store.unlock("b")
        assert store.lock("a", NOW + 300, 150)


def test_of_many_who_knock_at_once_both_tables_hear_one(house: House) -> None:
    for store in (house.store, Table(lambda slot: None)):
        assert [store.knock("live", NOW, NOW - 20) for _ in range(3)] == [True, False, False]
        assert store.knock("live", NOW + 21, NOW + 1)
