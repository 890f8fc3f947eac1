"""`/power/lease`: keeping it on for a while, for a reason, at a price."""

from __future__ import annotations

import pytest

from power.memory import InstanceHours, MonthHours
from power.model import SlotRecord
from power.policy import Policy
from power.quiet import QuietWindow
from tests.power.house import ALICE, BOB, HOUR, NOW, SERVICE, House, Reply

DEMO = {"hours": 2, "reason": "demo"}
ALWAYS = (QuietWindow(("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"), 0, 0),)


def lease(house: House, body: object = DEMO, key: str = ALICE) -> Reply:
    return house.call("/power/lease", key, body=body)


def listed(house: House) -> list[str]:
    return [each["id"] for each in house.call("/power/lease", BOB, "GET").body["leases"]]


def test_a_lease_has_an_owner_a_reason_and_an_end_and_wakes_it(house: House) -> None:
    made = lease(house)
    assert made.status == 201
    told = made.body["lease"]
    assert (told["owner"], told["reason"], told["price_usd"]) == ("alice", "demo", 0)
    assert told["expires_at"] == "2026-11-24T08:00:01Z"
    assert (made.body["state"], made.body["eta_seconds"]) == ("asleep", 540)
    (kept,) = house.store.read().leases
    assert (kept.id, kept.override) == (told["id"], False)
    assert kept.expires_at - kept.created_at == 2 * HOUR
    assert len(house.woken) == 1
    assert listed(house) == [told["id"]]


def test_minutes_will_do_too(house: House) -> None:
    assert lease(house, {"minutes": 90, "reason": "demo"}).status == 201
    (kept,) = house.store.read().leases
    assert kept.expires_at - kept.created_at == 1.5 * HOUR


def test_a_lease_ends_by_itself(house: House) -> None:
    made = lease(house).body["lease"]["id"]
    house.clock.now += 2 * HOUR - 1
    assert listed(house) == [made]
    house.clock.now += 3
    assert listed(house) == []
    assert house.call(f"/power/lease/{made}", body={"hours": 1}).status == 404


@pytest.mark.parametrize("change", ["extend", "release"])
def test_only_its_owner_or_the_service_key_changes_a_lease(house: House, change: str) -> None:
    def changed(key: str) -> Reply:
        if change == "release":
            return house.call(path, key, "DELETE")
        return house.call(path, key, body={"hours": 3})

    for owner in (ALICE, SERVICE):
        made = lease(house).body["lease"]
        path = f"/power/lease/{made['id']}"
        refused = changed(BOB)
        assert refused.status == 403
        assert "alice" in refused.body["error"]
        assert house.store.read().leases[0].expires_at == NOW + 2 * HOUR + 1
        assert changed(owner).status == 200
        house.store.drop_lease(made["id"])


def test_extending_counts_from_now_and_keeps_the_rest(house: House) -> None:
    made = lease(house, {**DEMO, "override_budget": True}).body["lease"]
    house.clock.now += HOUR
    told = house.call(f"/power/lease/{made['id']}", body={"hours": 4}).body["lease"]
    assert told["expires_at"] == "2026-11-24T11:00:00Z"
    assert {**told, "expires_at": 0} == {**made, "expires_at": 0}


def test_releasing_ends_it_at_once_and_lets_the_controller_look(house: House) -> None:
    made = lease(house).body["lease"]["id"]
    house.woken.clear()
    assert house.call(f"/power/lease/{made}", method="DELETE").body["released"] == made
    assert listed(house) == []
    assert len(house.woken) == 1
    assert house.call(f"/power/lease/{made}", method="DELETE").status == 404


def test_extending_what_was_released_meanwhile_does_not_bring_it_back(house: House) -> None:
    lease(house)
    (kept,) = house.store.read().leases
    house.store.drop_lease(kept.id)
    assert house.store.extend_lease(kept) is False
    assert listed(house) == []


@pytest.mark.parametrize(("body", "error"), [
    ({}, "Say how long"),
    ({"hours": 1, "minutes": 1, "reason": "x"}, "Say how long"),
    ({"hours": 0, "reason": "x"}, "hours: must be a number above 0 and at most 12."),
    ({"hours": 12.1, "reason": "x"}, "hours: must be"),
    ({"minutes": 721, "reason": "x"}, "minutes: must be a number above 0 and at most 720."),
    ({"hours": True, "reason": "x"}, "hours: must be"),
    ({"hours": "2", "reason": "x"}, "hours: must be"),
    ('{"hours": NaN, "reason": "x"}', "hours: must be"),
    ({"hours": 10**400, "reason": "x"}, "hours: must be"),
    ({"hours": 1}, "reason: must be"),
    ({"hours": 1, "reason": "x", "override_budget": "yes"}, "override_budget: must be"),
    ({"hours": 1, "reason": "x", "owner": "bob"}, "owner: is no field"),
])  # fmt: skip
def test_a_wrong_lease_is_not_made(house: House, body: object, error: str) -> None:
    refused = lease(house, body)
    assert refused.status == 400
    assert refused.body["error"].startswith(error)
    assert listed(house) == []
    assert house.woken == []


def test_there_are_twenty_at_most(house: House) -> None:
    for _ in range(20):
        assert lease(house).status == 201
    assert lease(house).status == 409
    assert len(listed(house)) == 20


def test_the_price_counts_from_its_making(house: House) -> None:
    before = InstanceHours(NOW - 3 * HOUR, NOW - 2 * HOUR, 1)
    running = InstanceHours(NOW - HOUR, NOW + HOUR + 1, 0.5)
    lease(house)
    house.store.put_hours(MonthHours("2026-11", {"i-1": before, "i-2": running}))
    (told,) = house.call("/power/lease", method="GET").body["leases"]
    assert told["price_usd"] == 0.5


def test_a_lease_passes_quiet_hours_and_the_budget_only_when_it_says_so(house: House) -> None:
    house.open(quiet=ALWAYS, policy=Policy(budget_usd=1))
    house.store.put_record("blue", SlotRecord(live=True, main=True, since=NOW - 999))
    assert lease(house).status == 201
    house.store.put_hours(MonthHours("2026-11", {"i": InstanceHours(NOW - HOUR, NOW, 1)}))
    refused = lease(house)
    assert (refused.status, refused.body["state"]) == (409, "budget")
    made = lease(house, {**DEMO, "override_budget": True})
    assert (made.status, made.body["state"]) == (201, "asleep")
