"""Any day can be decided again from its log."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from power.decide import decide
from power.journal import LogJournal
from power.model import Facts, SlotRecord, Stop, StopWish
from power.plain import from_plain, to_plain
from power.replay import main
from tests.power.facts import MINUTE, NOW, lease, off, on, record, starting, wish

DAY = [
    off(),
    off(wish=wish(0)),
    starting(3, ready=True),
    on(5, leases=(lease(10),)),
    on(16),
    on(0, record=record("closing", stop=Stop("cap", "Too long.", NOW, deadline=NOW + 60))),
]


def log_of(facts: list[Facts]) -> str:
    out = io.StringIO()
    journal = LogJournal("GpuVoice/test", out)
    for minute, each in enumerate(facts):
        at = NOW + minute
        journal.decided(each, decide(each, at), at)
    return out.getvalue()


def replayed(tmp_path: Path, text: str, *arguments: str) -> int:
    file = tmp_path / "day.log"
    file.write_text(text, encoding="utf-8")
    return main([str(file), *arguments])


def test_what_is_logged_is_all_that_a_decision_needs() -> None:
    decisions = [json.loads(line) for line in log_of(DAY).splitlines() if "facts" in line]
    assert len(decisions) == len(DAY)
    for logged, facts in zip(decisions, DAY, strict=True):
        seen = from_plain(Facts, logged["facts"])
        again = decide(seen, logged["at"])
        assert (again.action, again.kind) == (logged["action"], logged["kind"])
        assert seen.record == facts.record


def test_a_day_is_told_by_its_changes_of_mind(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    around = "".join(f"2026-11-24T10:00:00Z\t{line}\n" for line in log_of(DAY).splitlines())
    assert replayed(tmp_path, f"START RequestId\n{around}REPORT\n") == 0
    *told, last = capsys.readouterr().out.splitlines()
    words = [line.split()[3].rstrip(":") for line in told]
    assert words == ["stay", "start", "warm", "stay", "stop", "close"]
    assert last == "replay: 6 decisions, 0 of them otherwise than in the log."


def test_a_decision_that_this_code_would_not_take_is_shown_and_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = log_of([on(16)]).replace('"action":"stop"', '"action":"stay"')
    assert replayed(tmp_path, text) == 1
    assert "the log says stay" in capsys.readouterr().out


def test_another_limit_can_be_tried(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replayed(tmp_path, log_of([on(6)]), "--set", "idle_minutes=5") == 0
    assert "stop: Idle for 6 min." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--set", "idle=5"], "idle_minutes"), (["--set", "idle_minutes=soon"], "soon")],
)
def test_a_wrong_limit_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert replayed(tmp_path, log_of([on(6)]), *arguments) == 2
    assert said in capsys.readouterr().err


def test_a_file_without_decisions_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert replayed(tmp_path, "nothing\n") == 2
    assert "no decision" in capsys.readouterr().err
    assert main([str(tmp_path / "absent.log")]) == 2


def test_what_people_wrote_is_not_logged() -> None:
    secret = "the merger with Acme"
    facts = on(
        5,
        leases=(replace(lease(10), reason=secret),),
        wish=wish(1, reason=secret),
        stop_wish=StopWish(NOW, "bob", NOW + MINUTE, reason=secret),
        record=record("on", stop=Stop("operator", secret, NOW - 3 * MINUTE)),
    )
    days = [facts, replace(facts, stop_wish=None), off(wish=facts.wish)]
    assert secret in decide(days[0], NOW).reason
    assert secret not in log_of(days)


def test_forced_stops_and_failed_starts_are_metrics() -> None:
    old = record("on", started_at=NOW - 12 * 3600)
    lines = [json.loads(x) for x in log_of([on(0, record=old), starting(30)]).splitlines()]
    values = [line for line in lines if "_aws" in line and line["Slot"] == "blue"]
    assert [line["ForcedStops"] for line in values] == [1, 0]
    assert [line["StartFailures"] for line in values] == [0, 1]
    directive = values[0]["_aws"]["CloudWatchMetrics"][0]
    assert directive["Dimensions"] == [["Slot"]]
    assert {each["Name"] for each in directive["Metrics"]} <= set(values[0])


@pytest.mark.parametrize("facts", DAY)
def test_facts_survive_being_written_down(facts: Facts) -> None:
    assert from_plain(Facts, json.loads(json.dumps(to_plain(facts)))) == facts


def test_what_another_version_wrote_is_read_as_far_as_it_goes() -> None:
    document = {**to_plain(SlotRecord(phase="on", since=5.0)), "mood": "fine"}
    del document["failures"]
    assert from_plain(SlotRecord, document) == SlotRecord(phase="on", since=5.0)
