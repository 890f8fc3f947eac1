"""What callers meet while the GPU sleeps, and what wakes it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from power.answers import FAULT, KEY_NEEDED
from power.memory import MonthHours, PastStart
from power.model import STAGES, Lease, SlotRecord, Stop, Wish
from power.policy import Policy
from power.ports import Unreachable
from power.quiet import QuietWindow
from power.table import DynamoStore
from tests.power.house import ALICE, MINUTE, NOW, PAGE, SERVICE, House

ASLEEP = "The GPU is asleep; it is being started (usually 6 min)."
ALWAYS = (QuietWindow(("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"), 0, 0),)
OFF = SlotRecord(since=NOW - 9999, live=True, main=True)


def put(house: House, slot: str = "blue", **given: Any) -> None:
    plain: dict[str, Any] = {"live": slot == "blue", "main": slot == "blue", "since": NOW - 60}
    house.store.put_record(slot, SlotRecord(**{**plain, **given}))


def wishes(house: House) -> dict[str, Wish]:
    return dict(house.store.read().wishes)


def past(*minutes: float) -> list[PastStart]:
    """Starts that took so long as a whole, a sixth for each stage."""
    return [
        PastStart("blue", NOW - 1e6 + n, {
            stage: NOW - 1e6 + n + index / 6 * whole * MINUTE for index, stage in enumerate(STAGES)
        })
        for n, whole in enumerate(minutes)
    ]  # fmt: skip


@pytest.mark.parametrize("path", [
    "/tts/generate", "/whisperx/align_batch", "/tts/health", "/tts", "/tts/narrate",
    "/tts/jobs/0123456789abcdef0123456789abcdef/results",
])  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD"])
def test_a_call_with_a_key_wakes_it_and_is_told_when_to_come_back(
    house: House, path: str, method: str
) -> None:
    answer = house.call(path, method=method)
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "540"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert wishes(house)["live"].by == "alice"
    assert house.woken == [
        {"function": "the-controller", "type": "Event", "payload": b'{"source": "front"}'}
    ]
    if method == "HEAD":
        assert answer.text == ""
        return
    assert answer.body["error"] == ASLEEP
    assert (answer.body["success"], answer.body["state"]) == (False, "asleep")
    assert (answer.body["eta_seconds"], answer.body["usual_seconds"]) == (540, 360)


@pytest.mark.parametrize("path", ["/tts/health", "/whisperx/health/"])
def test_health_says_in_its_own_fields_that_no_model_is_there(house: House, path: str) -> None:
    body = house.call(path, method="GET").body
    assert (body["status"], body["model_loaded"]) == ("asleep", False)


@pytest.mark.parametrize("key", [None, "", "gv_nobody-s", "\ud800"])
def test_without_a_valid_key_nothing_is_woken(house: House, key: str | None) -> None:
    for name in ("health", "ready", "live"):
        answer = house.call(f"/tts/{name}", key, "GET")
        assert (answer.status, answer.body["status"]) == (503, "asleep")
        assert "A call with a valid key wakes it" in answer.body["error"]
        assert int(answer.headers["Retry-After"]) >= 1
    for path in ("/tts/generate", "/whisperx/transcribe", "/tts/docs", "/tts/results/sign", "/tts"):
        answer = house.call(path, key, body={"text": "x"})
        assert (answer.status, answer.body["error"]) == (401, KEY_NEEDED)
        assert answer.body["state"] == "asleep"
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="gpu-voice"'
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    assert wishes(house) == {}
    assert house.woken == []


@pytest.mark.parametrize(("phase", "retry_in", "state"), [
    ("off", -1, "asleep"), ("leaving", -1, "stopping"), ("closing", -1, "stopping"),
    ("off", 99, "backoff"),
])  # fmt: skip
def test_without_a_key_nobody_reads_who_stopped_it_and_why(
    house: House, phase: Any, retry_in: float, state: str
) -> None:
    stop = Stop("operator", "bob asks for it: a secret lunch.", NOW - 9)
    put(house, phase=phase, stop=stop, retry_at=NOW + retry_in, failures=1)
    for path in ("/tts/health", "/tts/generate"):
        answer = house.call(path, None, "GET")
        assert answer.body["state"] == state
        assert "secret" not in answer.text
        assert "bob" not in answer.text
    assert "valid key wakes it" in house.call("/tts/health", None, "GET").body["error"]


def test_a_key_opens_as_bearer_and_in_the_url_too(house: House) -> None:
    basic = base64.b64encode(f"key:{ALICE}".encode()).decode()
    for given in (f"Bearer {ALICE}", f"Basic {basic}"):
        assert house.call("/tts/generate", None, authorization=given).status == 503
    assert len(wishes(house)) == 1


def test_many_callers_at_once_wake_the_controller_once(house: House) -> None:
    for _ in range(10):
        house.clock.now += 1.5
        assert house.call("/tts/generate").body["state"] == "asleep"
    assert len(house.woken) == 1
    assert wishes(house)["live"].at >= house.clock.now
    house.clock.now += 22
    house.call("/tts/generate")
    assert len(house.woken) == 2


def test_of_callers_who_saw_the_same_moment_one_wakes_the_controller(house: House) -> None:
    assert house.made is not None
    desk = house.made.desk
    views = [desk.view("live") for _ in range(8)]
    for view in views:
        desk.wish("live", "alice", view)
    assert len(house.woken) == 1
    desk.wish("idle", "alice", desk.view("idle"))
    assert len(house.woken) == 2


def test_a_call_right_after_a_stop_wakes_it_again_although_somebody_called_just_before(
    house: House,
) -> None:
    house.call("/tts/generate")
    put(house, stop=Stop("idle", "Idle for 15 min.", NOW + 2))
    house.clock.now += 3
    house.call("/tts/generate")
    assert len(house.woken) == 2
    assert wishes(house)["live"].at > NOW + 2


def test_a_wish_is_never_older_than_a_look_that_could_not_see_it(house: House) -> None:
    house.call("/tts/generate")
    assert wishes(house)["live"].at > NOW


def test_the_minutes_are_the_median_and_the_seconds_serve_nine_of_ten(house: House) -> None:
    took = [4.0, 4.5, 5, 5, 5.5, 5.5, 6, 7, 9, 20]
    for start in past(*took):
        house.store.put_start(start)
    body = house.call("/tts/generate").body
    assert "(usually 6 min)" in body["error"]
    assert body["usual_seconds"] == 330
    assert sum(minutes * MINUTE <= body["eta_seconds"] for minutes in took) >= 9


def test_a_start_under_way_says_how_far_it_is_and_is_not_asked_for_again(house: House) -> None:
    for start in past(6, 6, 6):
        house.store.put_start(start)
    reached = dict(zip(STAGES[:4], (NOW - 200, NOW - 150, NOW - 100, NOW - 30), strict=True))
    put(house, phase="starting", started_at=NOW - 200, asked_at=NOW - 200, stages=reached)
    body = house.call("/tts/generate").body
    assert body["error"] == ("The GPU is being started, stage: image pulled; ready in about 2 min.")
    assert (body["state"], body["stage"], body["eta_seconds"]) == (
        "starting", "image pulled", 150)  # fmt: skip
    assert house.woken == []
    assert "live" in wishes(house)


def test_what_is_left_of_a_start_serves_nine_of_ten_too(house: House) -> None:
    took = [4.0, 4.5, 5, 5, 5.5, 5.5, 6, 7, 9, 20]
    for start in past(*took):
        house.store.put_start(start)
    put(house, phase="starting", started_at=NOW - 60, stages={STAGES[0]: NOW - 60})
    body = house.call("/tts/generate").body
    assert "ready in about 4 min" in body["error"]
    assert sum(minutes * MINUTE <= 60 + body["eta_seconds"] for minutes in took) >= 9


def test_an_instance_that_aws_takes_back_is_told_as_what_it_is(house: House) -> None:
    put(house, phase="starting", stages={STAGES[0]: NOW}, doomed={"i-1": NOW + 180})
    body = house.call("/tts/generate").body
    assert body["state"] == "recovering"
    assert body["error"].startswith("AWS took the GPU back; another one is being started")


def test_a_slot_whose_servers_are_not_ready_any_more_is_recovering(house: House) -> None:
    put(house, phase="on", cold_since=NOW - 20)
    answer = house.call("/tts/generate")
    assert (answer.body["state"], answer.headers["Retry-After"]) == ("recovering", "30")


def test_right_after_it_is_warm_a_call_is_only_to_be_sent_again(house: House) -> None:
    put(house, phase="on", warm_at=NOW - 1)
    answer = house.call("/tts/generate")
    assert answer.body["error"] == "The GPU is ready; send it again."
    assert (answer.body["state"], answer.headers["Retry-After"]) == ("on", "2")
    assert "live" in wishes(house)


@pytest.mark.parametrize(("phase", "since", "rest"), [
    ("leaving", 30, 90), ("leaving", 500, 20), ("closing", 30, 240 + 120),
])  # fmt: skip
def test_a_call_during_a_stop_starts_it_again_after_that(
    house: House, phase: Any, since: float, rest: float
) -> None:
    stop = Stop("idle", "Idle for 15 min.", NOW - since, deadline=NOW + 240)
    put(house, phase=phase, since=NOW - since, stop=stop)
    body = house.call("/tts/generate").body
    assert body["state"] == "stopping"
    assert body["error"] == (
        "The GPU is being stopped. Idle for 15 min. It is started again after that (usually 6 min)."
    )
    assert body["eta_seconds"] == rest + 540
    assert len(house.woken) == 1


def test_in_quiet_hours_a_plain_call_wakes_nothing_and_is_told_what_does(house: House) -> None:
    minute = int(NOW // 60) % 1440
    until = QuietWindow(ALWAYS[0].days, minute - 60, minute + 60)
    house.open(quiet=(until,))
    answer = house.call("/tts/generate")
    assert answer.body["state"] == "quiet"
    assert "outside working hours" in answer.body["error"]
    assert '{"force": true}' in answer.body["error"]
    assert 3540 < answer.body["eta_seconds"] <= 3600
    assert wishes(house) == {}
    assert house.woken == []


def test_quiet_hours_do_not_end_what_runs(house: House) -> None:
    house.open(quiet=ALWAYS)
    put(house, phase="on", warm_at=NOW - 1)
    assert house.call("/tts/generate").body["state"] == "on"
    assert "live" in wishes(house)


def test_a_lease_in_quiet_hours_is_answered_as_a_start(house: House) -> None:
    house.open(quiet=ALWAYS)
    put(house)
    house.store.put_lease(Lease("x", "bob", "demo", NOW - 5, NOW + 999))
    assert house.call("/tts/generate").body["error"] == ASLEEP


def spend(house: House, dollars: float, month: str = "2026-11") -> None:
    from power.memory import InstanceHours

    hours = InstanceHours(NOW - 7200, NOW - 3600, dollars)
    house.store.put_hours(MonthHours(month, {"i-1": hours}))


def test_without_money_left_a_call_wakes_nothing_until_the_month_ends(house: House) -> None:
    house.open(policy=Policy(budget_usd=10))
    put(house)
    spend(house, 10)
    answer = house.call("/tts/generate")
    assert answer.body["state"] == "budget"
    assert "override_budget" in answer.body["error"]
    # 2026-12-01T00:00:00Z
    assert answer.body["eta_seconds"] == 1_796_083_200 - NOW
    assert house.woken == []
    house.store.put_lease(Lease("x", "bob", "demo", NOW - 5, NOW + 999, override=True))
    assert house.call("/tts/generate").body["state"] == "asleep"


def test_the_money_of_the_month_before_is_not_counted(house: House) -> None:
    house.open(policy=Policy(budget_usd=10))
    put(house)
    spend(house, 10, "2026-10")
    assert house.call("/tts/generate").body["state"] == "asleep"


def test_after_a_failed_start_a_call_is_told_why_and_when_the_next_begins(house: House) -> None:
    stop = Stop("failed", "It was not warm within 25 min.", NOW - 300)
    put(house, failures=1, retry_at=NOW + 600, stop=stop)
    body = house.call("/tts/generate").body
    assert body["state"] == "backoff"
    assert body["error"] == (
        "The last start failed: It was not warm within 25 min. The next one may begin in 10 min; "
        'POST /power/start with {"force": true} tries at once.'
    )
    assert body["eta_seconds"] == 600 + 540
    assert house.woken == []
    assert "live" in wishes(house)


def test_the_header_s_callers_wake_the_slot_behind_it(house: House) -> None:
    put(house, phase="on", warm_at=NOW)
    put(house, "green")
    body = house.call("/tts/generate", X_Voice_Slot="idle").body
    assert body["error"] == ASLEEP
    assert set(wishes(house)) == {"idle"}


def test_a_preflight_is_answered_without_a_key_and_wakes_nothing(house: House) -> None:
    asked = {
        "access_control_request_method": "DELETE",
        "access_control_request_headers": "content-type,prefer,idempotency-key,x-api-key,x-other",
    }
    answer = house.call("/tts/jobs/0123456789abcdef0123456789abcdef", None, "OPTIONS", **asked)
    assert (answer.status, answer.text) == (204, "")
    granted = "content-type, idempotency-key, prefer, x-api-key"
    assert answer.headers["Access-Control-Allow-Headers"] == granted
    assert answer.headers["Access-Control-Allow-Methods"] == "DELETE, GET, OPTIONS, POST"
    assert house.call("/tts/generate", ALICE, "OPTIONS").status == 204
    assert house.woken == []


def test_a_page_of_another_origin_is_shown_nothing(house: House) -> None:
    answer = house.call("/tts/generate", origin="https://elsewhere.example")
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


def test_a_request_keeps_its_id_and_gets_one_otherwise(house: House) -> None:
    given = house.call("/tts/generate", X_Request_Id="mine-1").headers["X-Request-Id"]
    assert given == "mine-1"
    for wrong in ("a b", "x" * 65, "a\r\nSet-Cookie: b"):
        made = house.call("/tts/generate", X_Request_Id=wrong).headers["X-Request-Id"]
        assert len(made) == 32


def test_a_table_that_does_not_answer_is_a_503_that_says_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(self: DynamoStore) -> None:
        raise Unreachable("reading the table: InternalServerError")

    monkeypatch.setattr(DynamoStore, "read", unreachable)
    for path in ("/tts/generate", "/tts/health", "/power/status"):
        answer = house.call(path, method="POST" if "gen" in path else "GET")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
        assert "table does not answer" in answer.body["error"]
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE


def test_a_fault_shows_no_more_than_that_there_was_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: DynamoStore) -> None:
        raise RuntimeError("/secret/place")

    monkeypatch.setattr(DynamoStore, "read", broken)
    answer = house.call("/tts/generate", X_Request_Id="abc")
    assert (answer.status, answer.body) == (500, {"success": False, "error": FAULT})
    assert answer.headers["X-Request-Id"] == "abc"


def test_a_controller_that_cannot_be_woken_is_no_failure_of_the_call(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable() -> None:
        raise Unreachable("waking the controller: TooManyRequestsException")

    assert house.made is not None
    monkeypatch.setattr(house.made.desk, "_wake", unreachable)
    assert house.call("/tts/generate").body["error"] == ASLEEP
    assert "live" in wishes(house)


def test_the_log_has_who_and_what_and_neither_key_nor_body(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        house.call("/tts/" + "p" * 500, body={"text": "a private text"})
        house.call("/power/start", body={"reason": "a private reason"})
    lines = [json.loads(record.message) for record in caplog.records]
    first = next(line for line in lines if line["message"] == "call")
    assert (first["key"], first["status"], first["state"]) == ("alice", 503, "asleep")
    assert len(first["path"]) <= 120
    assert "private" not in caplog.text
    assert ALICE not in caplog.text


def test_the_service_key_wakes_it_too(house: House) -> None:
    house.call("/tts/generate", SERVICE)
    assert wishes(house)["live"].by == "service"


def test_before_the_first_look_it_counts_as_asleep_and_another_path_is_none(house: House) -> None:
    assert house.call("/whisperx/ready", None, "GET").body["status"] == "asleep"
    assert house.call("/elsewhere").status == 404
