"""`/power`: start, stop and status."""

from __future__ import annotations

from typing import Any

import pytest

from power.memory import InstanceHours, MonthHours, PastStart
from power.model import STAGES, Lease, SlotRecord, Stop, StopWish
from power.policy import Policy
from power.quiet import QuietWindow
from tests.power.house import HOUR, MINUTE, NOW, PAGE, SERVICE, House

ALWAYS = (QuietWindow(("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"), 0, 0),)
PATHS = {"status": "GET", "start": "POST", "stop": "POST", "lease": "GET", "lease/abc": "DELETE"}


def put(house: House, slot: str = "blue", **given: Any) -> None:
    plain: dict[str, Any] = {"live": slot == "blue", "main": slot == "blue", "since": NOW - 60}
    house.store.put_record(slot, SlotRecord(**{**plain, **given}))


@pytest.mark.parametrize("path", [*PATHS, "nothing"])
def test_everything_needs_a_key(house: House, path: str) -> None:
    for key in (None, "gv_nobody-s"):
        answer = house.call(f"/power/{path}", key, PATHS.get(path, "GET"))
        assert answer.status == 401
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert house.woken == []


def test_a_start_is_written_down_and_the_controller_woken(house: House) -> None:
    answer = house.call("/power/start", body={"reason": "demo at ten"})
    assert answer.status == 202
    assert (answer.body["success"], answer.body["state"]) == (True, "asleep")
    assert answer.body["eta_seconds"] == 540
    wish = house.store.read().wishes["live"]
    assert (wish.by, wish.reason, wish.urgent) == ("alice", "demo at ten", False)
    assert len(house.woken) == 1


def test_a_start_needs_no_body(house: House) -> None:
    assert house.call("/power/start").status == 202
    assert house.call("/power/stop").status == 200


@pytest.mark.parametrize("phase", ["starting", "on"])
def test_starting_twice_is_told_how_the_first_start_stands(house: House, phase: Any) -> None:
    put(house, phase=phase, stages={STAGES[0]: NOW - 30})
    answer = house.call("/power/start")
    assert (answer.status, answer.body["state"]) == (200, phase)
    # It undoes a stop that was asked for.
    assert "live" in house.store.read().wishes
    assert house.woken == []


def test_a_start_during_a_stop_wakes_the_controller(house: House) -> None:
    put(house, phase="leaving", stop=Stop("idle", "Idle for 15 min.", NOW))
    answer = house.call("/power/start")
    assert (answer.status, answer.body["state"]) == (202, "stopping")
    assert len(house.woken) == 1


@pytest.mark.parametrize("held", ["quiet", "backoff"])
def test_only_force_starts_in_quiet_hours_and_after_a_failure(house: House, held: str) -> None:
    if held == "quiet":
        house.open(quiet=ALWAYS)
        put(house)
    else:
        put(house, failures=1, retry_at=NOW + 600, stop=Stop("failed", "Not warm.", NOW - 9))
    refused = house.call("/power/start", body={"force": False})
    assert (refused.status, refused.body["state"]) == (409, held)
    assert '{"force": true}' in refused.body["error"]
    assert house.store.read().wishes == {}
    assert house.woken == []
    assert house.call("/power/start", body={"force": True}).status == 202
    assert house.store.read().wishes["live:urgent"].urgent
    assert len(house.woken) == 1


def test_force_is_no_money(house: House) -> None:
    house.open(policy=Policy(budget_usd=5))
    put(house)
    house.store.put_hours(
        MonthHours("2026-11", {"i": InstanceHours(NOW - 2 * HOUR, NOW - HOUR, 5)})
    )
    refused = house.call("/power/start", body={"force": True})
    assert (refused.status, refused.body["state"]) == (409, "budget")


@pytest.mark.parametrize("slot", ["live", "idle", "blue", "green"])
def test_a_slot_is_started_and_stopped_by_name_or_by_role(house: House, slot: str) -> None:
    put(house, phase="off")
    put(house, "green", phase="off")
    assert house.call("/power/start", body={"slot": slot}).status == 202
    assert set(house.store.read().wishes) == {slot}
    put(house, phase="on")
    put(house, "green", phase="on")
    assert house.call("/power/stop", body={"slot": slot}).status == 202
    assert set(house.store.read().stop_wishes) == {slot}


def test_a_stop_waits_half_an_hour_for_a_moment_without_work(house: House) -> None:
    put(house, phase="on", started_at=NOW - HOUR)
    answer = house.call("/power/stop", body={"reason": "lunch"})
    assert answer.status == 202
    assert "nothing under way" in answer.body["message"]
    stop = house.store.read().stop_wishes["live"]
    assert (stop.by, stop.reason, stop.kind, stop.quiet_seconds) == (
        "alice",
        "lunch",
        "operator",
        0,
    )
    assert NOW + 30 * MINUTE <= stop.until <= NOW + 31 * MINUTE
    assert len(house.woken) == 1


def test_the_newest_of_a_call_and_a_stop_can_be_told(house: House) -> None:
    put(house, phase="on")
    house.call("/tts/generate")
    house.clock.now += 0.01
    house.call("/power/stop")
    memory = house.store.read()
    assert memory.stop_wishes["live"].at > memory.wishes["live"].at


@pytest.mark.parametrize("phase", ["off", "leaving"])
def test_a_stop_of_what_is_off_takes_back_calls_that_wait(house: House, phase: Any) -> None:
    put(house, phase=phase)
    assert house.call("/power/stop").status == 200
    assert house.store.read().stop_wishes["live"].by == "alice"
    assert house.woken == []


WRONG: list[tuple[object, str]] = [
    ({"slot": "red"}, "slot: must be one of live, idle, blue, green."),
    ({"slot": ["live"]}, "slot: must be one of"),
    ({"force": "yes"}, "force: must be true or false."),
    ({"force": 1}, "force: must be true or false."),
    ({"reason": 5}, "reason: must be a short text"),
    ({"reason": " "}, "reason: must be a short text"),
    ({"reason": "x" * 201}, "reason: has 201 characters; 200 are the most."),
    ({"reason": "a\nb"}, "reason: has characters that cannot be shown."),
    ({"reason": "\ud800"}, "reason: has characters that cannot be shown."),
    ({"fource": True}, "fource: is no field of this call; slot, force and reason are."),
    ([], "The body: must be a JSON object."),
    ("nope", "The body is not valid JSON:"),
    ("[" * 100_000, "The body is not valid JSON:"),
]


@pytest.mark.parametrize(("body", "error"), WRONG, ids=[text[:30] for _, text in WRONG])
def test_a_wrong_body_is_a_400_that_names_the_field(house: House, body: object, error: str) -> None:
    answer = house.call("/power/start", body=body)
    assert answer.status == 400
    assert answer.body["error"].startswith(error)
    assert house.woken == []
    assert house.store.read().wishes == {}


def test_a_body_that_is_no_json_by_its_type_is_a_415(house: House) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert house.call("/power/start", body="a=b", content_type=kind).status == 415
    assert house.call("/power/start", body="{}", content_type="application/json; a=b").status == 202
    packed = house.call("/power/start", body="{}", content_encoding="gzip")
    assert packed.status == 415


def test_an_unknown_path_is_a_404_and_a_wrong_method_says_which_are_right(house: House) -> None:
    for path in ("/power", "/power/", "/power/nothing", "/power/start/now", "/power/status/x"):
        answer = house.call(path)
        assert answer.status == 404
        assert "/power/start" in answer.body["error"]
    for path, method, allowed in (
        ("start", "GET", "OPTIONS, POST"),
        ("status", "POST", "GET, HEAD, OPTIONS"),
        ("lease", "PUT", "GET, HEAD, OPTIONS, POST"),
        ("lease/abc", "GET", "DELETE, OPTIONS, POST"),
    ):
        answer = house.call(f"/power/{path}", method=method)
        assert (answer.status, answer.headers["Allow"]) == (405, allowed)


def test_pages_may_delete_leases_and_jobs(house: House) -> None:
    asked = {"access_control_request_method": "DELETE"}
    for path in ("/power/lease/abc", "/tts/jobs/abc", "/whisperx/jobs/abc"):
        allowed = house.call(path, None, "OPTIONS", **asked)
        assert "DELETE" in allowed.headers["Access-Control-Allow-Methods"]
    other = {"access_control_request_method": "PUT"}
    refused = house.call("/tts/jobs/abc", None, "OPTIONS", **other)
    assert "Access-Control-Allow-Methods" not in refused.headers


def test_the_status_before_anything_was_seen(house: House) -> None:
    body = house.call("/power/status", method="GET").body
    assert (body["success"], body["state"], body["on_since"]) == (True, "asleep", None)
    assert set(body["slots"]) == {"blue", "green"}
    assert body["leases"] == []
    assert [each["stage"] for each in body["slots"]["blue"]["stages"]] == list(STAGES)
    assert house.call("/power/status", method="HEAD").text == ""
    assert house.woken == []
    assert house.store.read().wishes == {}


def test_the_status_shows_each_stage_with_what_it_took_and_takes(house: House) -> None:
    for n, seconds in enumerate((50, 60, 70)):
        base = NOW - 1e5 + n
        reached = {stage: base + index * seconds for index, stage in enumerate(STAGES)}
        house.store.put_start(PastStart("blue", base, reached))
    put(house, phase="starting", started_at=NOW - 100, asked_at=NOW - 100,
        stages={STAGES[0]: NOW - 100, STAGES[1]: NOW - 30})  # fmt: skip
    body = house.call("/power/status", method="GET").body
    slot = body["slots"]["blue"]
    asked, running, joined = slot["stages"][:3]
    assert asked["reached_at"] == "2026-11-24T05:58:20Z"
    assert (running["seconds"], running["usual_seconds"]) == (70, 60)
    assert running["slow_seconds"] == 68
    assert (joined["reached_at"], joined["seconds"]) == (None, None)
    assert (slot["phase"], slot["live"], slot["price_per_hour_usd"]) == ("starting", True, 0.5)
    assert 270 <= slot["eta_seconds"] == body["eta_seconds"] <= 330
    assert body["on_since"] == "2026-11-24T05:58:20Z"
    assert body["hard_cap_at"] == "2026-11-24T17:58:20Z"
    assert body["slots"]["green"]["state"] == "asleep"


def test_the_status_shows_why_it_stopped_who_holds_it_and_what_it_cost(house: House) -> None:
    house.open(policy=Policy(budget_usd=10))
    stop = Stop("failed", "It was not warm within 25 min.", NOW - 60)
    put(house, failures=2, retry_at=NOW + 600, stop=stop)
    hours = MonthHours("2026-11", {"i": InstanceHours(NOW - 4 * HOUR, NOW, 0.5)})
    house.store.put_hours(hours)
    house.store.put_lease(Lease("abc", "bob", "demo", NOW - HOUR, NOW + HOUR))
    body = house.call("/power/status", SERVICE, "GET").body
    slot = body["slots"]["blue"]
    assert slot["stop"]["kind"] == "failed"
    assert slot["stop"]["reason"] == "It was not warm within 25 min."
    assert (slot["failures"], slot["retry_at"]) == (2, "2026-11-24T06:10:00Z")
    assert body["budget"] == {
        "month": "2026-11", "spent_usd": 2.0, "limit_usd": 10, "percent": 20.0}  # fmt: skip
    (lease,) = body["leases"]
    assert (lease["owner"], lease["reason"], lease["price_usd"]) == ("bob", "demo", 0.5)
    assert (body["idle_minutes"], body["hard_cap_hours"], body["quiet"]) == (15, 12, False)


def test_a_stop_wish_of_long_ago_is_not_remembered(house: House) -> None:
    house.store.put_stop_wish("live", StopWish(NOW - 4000, "bob", NOW - 400))
    assert house.store.read().stop_wishes == {}
