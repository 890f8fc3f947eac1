"""`up`, `down`, `status`, `lease` and waking, against the true front function and servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gpuvoice.cli import transcribe
from gpuvoice.cli.output import Output
from gpuvoice.cli.starting import Changes
from gpuvoice.power import PowerStatus
from power.model import Lease, Stop
from power.policy import Policy
from power.quiet import QuietWindow
from tests.client.cli.conftest import Run
from tests.client.cli.deployment import Deployment
from tests.power.house import BOB, HOUR, NOW
from tests.servers import Running

ALWAYS = (QuietWindow(("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"), 0, 0),)


def test_up_starts_it_and_ends_when_it_is_on(run: Run, cloud: Deployment) -> None:
    ran = run("up")
    assert (ran.code, ran.out) == (0, "")
    *stages, last = ran.err.splitlines()
    assert last == "The GPU is on."
    assert ["instance running" in line for line in stages].count(True) == 1
    assert stages[-1].endswith("Z on")
    assert cloud.house.store.read().wishes["live"].reason == "gpuvoice up"


def test_up_that_does_not_wait_says_how_long_it_takes(run: Run, cloud: Deployment) -> None:
    cloud.starts = False
    ran = run("up", "--no-wait")
    assert ran.code == 0
    assert "min" in ran.err
    told = run("up", "--no-wait", "--json").json
    assert (told["success"], told["eta_seconds"]) == (True, 540)


def test_up_for_some_hours_is_a_lease(run: Run, cloud: Deployment) -> None:
    ran = run("up", "--for", "1h30m", "--why", "demo at ten", "--json")
    assert (ran.code, ran.json["state"]) == (0, "on")
    (lease,) = cloud.house.store.read().leases
    assert (lease.owner, lease.reason) == ("alice", "demo at ten")
    assert lease.expires_at - lease.created_at == pytest.approx(1.5 * HOUR)


def test_impatience_ends_with_6(run: Run, cloud: Deployment) -> None:
    cloud.starts = False
    ran = run("up", "--patience", "0")
    assert ran.code == 6
    assert "does not come on" in ran.err


def test_what_the_rules_forbid_now_ends_with_6_at_once_and_force_passes(
    run: Run, cloud: Deployment
) -> None:
    cloud.house.open(quiet=ALWAYS)
    cloud.put()
    ran = run("up", "--json")
    assert ran.code == 6
    assert (ran.json["success"], ran.json["kind"]) == (False, "NotReady")
    assert "outside working hours" in ran.json["error"]
    assert "gpuvoice up --force" in ran.err
    assert run("up", "--force").code == 0


def test_down_asks_for_a_stop(run: Run, cloud: Deployment) -> None:
    cloud.turn_on()
    ran = run("down", "--why", "lunch")
    assert (ran.code, ran.out) == (0, "")
    assert "nothing under way" in ran.err
    assert cloud.house.store.read().stop_wishes["live"].reason == "lunch"


def test_down_of_what_somebody_else_holds_needs_force(run: Run, cloud: Deployment) -> None:
    cloud.turn_on()
    cloud.house.store.put_lease(Lease("abc", "bob", "demo", NOW - HOUR, NOW + HOUR))
    ran = run("down")
    assert ran.code == 5
    assert "bob has a lease" in ran.err
    assert run("down", "--force").code == 0


def test_status_of_what_sleeps_wakes_nothing(run: Run, cloud: Deployment) -> None:
    ran = run("status")
    assert ran.code == 0
    assert "GPU asleep" in ran.out
    assert "usually 6 min" in ran.out
    assert cloud.house.woken == []
    assert cloud.calls == ["GET /power/status"]


def test_status_shows_the_start_leases_cost_and_the_end(run: Run, cloud: Deployment) -> None:
    cloud.house.open(policy=Policy(budget_usd=80))
    cloud.remember_starts()
    cloud.house.store.put_lease(Lease("abc", "bob", "demo", NOW - HOUR, NOW + HOUR))
    run("status")
    shown = " ".join(run("status").out.split())
    assert "✓ capacity asked ✓ instance running 40 s usually 40 s" in shown
    assert "▸ agent joined" in shown
    assert "usually 40 s" in shown
    assert "$0.00 of $80.00 this month (0 %)" in shown
    assert "bob until" in shown
    assert "when the last lease ends" in shown


def test_status_of_what_is_on_asks_the_servers_without_the_key(run: Run, cloud: Deployment) -> None:
    cloud.turn_on()
    shown = run("status").out
    assert "GPU on" in shown
    assert "15 min after the last call" in shown
    assert [line.split()[:2] for line in shown.splitlines()[-2:]] == [
        ["speech", "ready"],
        ["recognition", "ready"],
    ]
    assert "GET /tts/health" in cloud.calls
    assert cloud.keyed == ["GET /power/status"]


def test_json_of_status_is_the_answer_of_the_power_switch(run: Run, cloud: Deployment) -> None:
    assert run("status", "--json").json == cloud.house.call("/power/status", method="GET").body


def test_why_it_stopped_is_told(run: Run, cloud: Deployment) -> None:
    stop = Stop("failed", "It was not warm within 25 min.", NOW - 60)
    cloud.put(failures=2, retry_at=NOW + 600, stop=stop)
    shown = run("status").out
    assert "GPU backoff" in shown
    assert "It was not warm within 25 min." in shown
    assert "2 start(s) in a row" in shown


def test_leases_are_made_shown_extended_and_released(run: Run, cloud: Deployment) -> None:
    lease_id = run("lease", "make", "2h", "--why", "demo").out.strip()
    assert [each.id for each in cloud.house.store.read().leases] == [lease_id]
    assert "demo" in run("lease").out
    assert run("lease", "--json").json["leases"][0]["id"] == lease_id
    assert run("lease", "extend", lease_id, "3h").code == 0
    (lease,) = cloud.house.store.read().leases
    assert lease.expires_at - cloud.house.clock.now == pytest.approx(3 * HOUR, abs=200)
    assert run("lease", "release", lease_id).code == 0
    assert cloud.house.store.read().leases == ()
    gone = run("lease", "release", lease_id)
    assert (gone.code, "no such lease" in gone.err) == (5, True)


def test_a_lease_of_another_is_not_ours_to_release(run: Run, cloud: Deployment) -> None:
    cloud.house.store.put_lease(Lease("abc", "bob", "demo", NOW, NOW + HOUR))
    ran = run("lease", "release", "abc")
    assert ran.code == 4
    assert "bob" in ran.err
    assert run("lease", "release", "abc", TTS_API_KEY=BOB).code == 0


def test_a_wrong_key_ends_with_4_and_is_not_shown(run: Run, cloud: Deployment) -> None:
    for command in (["status"], ["say", "One."], ["lease"]):
        ran = run(*command, TTS_API_KEY="gv_nobody-s3cret")
        assert ran.code == 4
        assert "gpuvoice config init" in ran.err
        assert "s3cret" not in ran.err + ran.out
    assert cloud.house.woken == []


def test_work_wakes_it_and_waits(run: Run, cloud: Deployment) -> None:
    ran = run("say", "One, two.", "-o", "a.wav")
    assert ran.code == 0
    assert "being started" in ran.err
    assert Path("a.wav").stat().st_size > 10_000
    assert "POST /power/start" not in cloud.calls


def test_start_gpu_shows_each_stage_before_the_work(run: Run, cloud: Deployment) -> None:
    ran = run("say", "One, two.", "-o", "a.wav", "--start-gpu")
    assert ran.code == 0
    assert cloud.calls[0] == "POST /power/start"
    assert [line for line in cloud.calls if "generate" in line] == ["POST /tts/generate"]
    assert "model loading" in ran.err


def test_files_go_in_calls_that_are_not_too_large(
    run: Run, cloud: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.turn_on()
    run("say", "One, two.", "-o", "a.wav")
    monkeypatch.setattr(transcribe, "MOST_FILES", 2)
    cloud.calls.clear()
    ran = run("transcribe", "a.wav", "a.wav", "a.wav")
    assert len(set(ran.out.splitlines())) == 1
    assert cloud.calls == ["POST /whisperx/transcribe_batch", "POST /whisperx/transcribe"]


def test_servers_without_a_power_switch_tell_their_health(run: Run, local: Running) -> None:
    ran = run("status")
    assert ran.code == 0
    assert [line.split()[:2] for line in ran.out.splitlines()] == [
        ["speech", "ready"],
        ["recognition", "ready"],
    ]
    assert "no power switch" in ran.err
    told: dict[str, Any] = run("status", "--json").json
    assert (told["power"], told["speech"]["ready"]) == (None, True)
    assert run("say", "One.", "-o", "a.wav", "--start-gpu").code == 0
    assert run("up").code == 5


def test_nobody_there_ends_with_3_and_says_what_to_do(run: Run) -> None:
    nobody = {"TTS_SERVER_URL": "http://127.0.0.1:9", "WHISPER_URL": "http://127.0.0.1:9"}
    for command in (["status"], ["say", "One."], ["up"]):
        ran = run(*command, **nobody)
        assert ran.code == 3
        assert "make run" in ran.err


def test_a_state_that_stays_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    changes = Changes(Output(), to_stdout=True)
    for state in ("asleep", "asleep", "starting", "starting", "on"):
        changes(PowerStatus.read({"state": state}))
    told = [line.split()[1] for line in capsys.readouterr().out.splitlines()]
    assert told == ["asleep", "starting", "on"]
