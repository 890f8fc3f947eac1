"""What the table keeps, for whom, and for how long."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from power.memory import KEPT_STARTS, InstanceHours, Memory, MonthHours, Notice, PastStart
from power.model import Lease, SlotRecord, Stop, StopWish, Wish
from power.ports import Unreachable
from power.table import DynamoStore
from tests.power.house import NOW, House

FULL = SlotRecord(
    phase="leaving", since=NOW, live=True, main=True, started_at=NOW - 9.25, asked_at=NOW - 9,
    stop=Stop("cap", "It has been on for 12 h.", NOW, deadline=NOW + 60), failures=2,
    retry_at=NOW + 1, on_demand=True, stages={"warm": NOW - 1.5}, doomed={"i-1": NOW + 180},
)  # fmt: skip


def items(house: House) -> Any:
    return boto3.resource("dynamodb").Table(house.name)


def test_an_empty_table_is_an_empty_memory(house: House) -> None:
    assert house.store.read() == Memory()


def test_everything_that_is_written_is_read_again(house: House) -> None:
    store = house.store
    store.put_record("blue", FULL)
    store.put_wish("live", Wish(NOW, "alice", "demo"))
    store.put_wish("live", Wish(NOW + 1, "bob", "force", urgent=True))
    stop = StopWish(NOW, "bob", NOW + 60, "schedule", 180, "")
    store.put_stop_wish("green", stop)
    lease = Lease("abc", "alice", "demo", NOW, NOW + 60, True)
    store.put_lease(lease)
    store.put_notice(Notice("i-1", NOW))
    start = PastStart("blue", NOW - 400, {"warm": NOW})
    store.put_start(start)
    hours = MonthHours("2026-11", {"i-1": InstanceHours(NOW - 60, NOW, 0.526)})
    store.put_hours(hours)
    assert store.read() == Memory(
        records={"blue": FULL},
        wishes={"live": Wish(NOW, "alice", "demo"),
                "live:urgent": Wish(NOW + 1, "bob", "force", urgent=True)},
        stop_wishes={"green": stop},
        leases=(lease,),
        notices=(Notice("i-1", NOW),),
        starts=(start,),
        hours=hours,
    )  # fmt: skip
    store.drop_lease("abc")
    store.drop_notice("i-1")
    assert (store.read().leases, store.read().notices) == ((), ())


def test_the_newest_wish_stays_whoever_writes_last(house: House) -> None:
    store = house.store
    newest, older = Wish(NOW + 5, "alice"), Wish(NOW + 4, "bob")
    store.put_wish("live", newest)
    store.put_wish("live", older)
    assert store.read().wishes == {"live": newest}
    for at in (NOW, NOW + 9, NOW + 3):
        store.put_stop_wish("live", StopWish(at, "bob", NOW + 60))
    assert store.read().stop_wishes["live"].at == NOW + 9


def test_what_has_ended_is_not_read_although_it_is_still_there(house: House) -> None:
    house.store.put_lease(Lease("abc", "alice", "demo", NOW, NOW + 60))
    house.store.put_stop_wish("live", StopWish(NOW, "bob", NOW + 60))
    house.clock.now += 60
    memory = house.store.read()
    assert (memory.leases, memory.stop_wishes) == ((), {})
    assert len(items(house).scan()["Items"]) == 2


def test_a_lock_keeps_others_away_until_it_is_given_back(house: House) -> None:
    store = house.store
    assert store.lock("one", NOW, 150)
    assert store.lock("one", NOW + 1, 150)
    assert not store.lock("two", NOW + 2, 150)
    store.unlock("two")
    assert not store.lock("two", NOW + 3, 150)
    store.unlock("one")
    store.unlock("one")
    assert store.lock("two", NOW + 4, 150)


def test_a_lock_of_somebody_who_died_ends_by_itself(house: House) -> None:
    assert house.store.lock("one", NOW, 150)
    assert not house.store.lock("two", NOW + 149.9, 150)
    assert house.store.lock("two", NOW + 150, 150)
    house.store.unlock("one")
    assert not house.store.lock("three", NOW + 151, 150)


def test_the_newest_starts_are_kept(house: House) -> None:
    for number in range(KEPT_STARTS + 5):
        house.store.put_start(PastStart("blue", NOW + number, {}))
    kept = [start.asked_at for start in house.store.read().starts]
    assert kept == [NOW + number for number in range(5, KEPT_STARTS + 5)]
    assert len(items(house).scan()["Items"]) == KEPT_STARTS


def test_retiring_is_seen_until_it_is_taken_back(house: House) -> None:
    house.store.retire()
    assert house.store.read().retired
    house.store.unretire()
    house.store.unretire()
    assert not house.store.read().retired


@pytest.mark.parametrize("body", [
    '{"phase": "hibernating"}', '{"since": "noon"}', '{"since": true}', '{"stages": []}', "[]",
    "null", "no json", '{"stop": {"kind": "idle"}}',
])  # fmt: skip
def test_what_another_version_wrote_and_nobody_can_read_ends_no_look(
    house: House, body: str
) -> None:
    items(house).put_item(Item={"kind": "record", "id": "blue", "body": body})
    house.store.put_record("green", FULL)
    assert house.store.read().records == {"green": FULL}


def test_what_another_version_wrote_is_read_as_far_as_it_goes(house: House) -> None:
    newer = {"phase": "on", "since": 5, "mood": "good", "stop": {
        "kind": "idle", "reason": "x", "at": 1.5, "who": {}}}  # fmt: skip
    items(house).put_item(Item={"kind": "record", "id": "blue", "body": json.dumps(newer)})
    items(house).put_item(Item={"kind": "mood", "id": "blue", "body": "{}"})
    items(house).put_item(Item={"kind": "record", "id": "green"})
    assert house.store.read().records == {
        "blue": SlotRecord(phase="on", since=5, stop=Stop("idle", "x", 1.5)),
        "green": SlotRecord(),
    }


def test_a_table_of_many_pages_is_read_to_its_end(house: House) -> None:
    for number in range(9):
        house.store.put_lease(Lease(f"{number}", "alice", "x" * 200_000, NOW, NOW + 60))
    assert len(house.store.read().leases) == 9


@pytest.mark.parametrize("call", ["read", "put_record", "put_wish", "lock", "unlock", "drop_lease"])
def test_a_table_that_is_not_there_is_unreachable(account: None, call: str) -> None:
    store = DynamoStore("nowhere")
    given: dict[str, tuple[Any, ...]] = {
        "put_record": ("blue", FULL),
        "put_wish": ("live", Wish(NOW, "alice")),
        "lock": ("one", NOW, 150),
        "unlock": ("one",),
        "drop_lease": ("abc",),
    }
    with pytest.raises(Unreachable, match="ResourceNotFoundException"):
        getattr(store, call)(*given.get(call, ()))
