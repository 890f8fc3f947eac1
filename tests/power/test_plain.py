"""Facts and decisions as JSON and back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from power.model import Budget, Decision, Facts, Lease, ServerFacts, StopWish, Wish
from power.plain import from_plain, to_plain
from tests.power.facts import NOW, lease, on, starting, wish


@pytest.mark.parametrize("facts", [
    on(3, wish=wish(2), stop_wish=StopWish(NOW, "bob", NOW + 60), leases=(lease(20), lease(5)),
       budget=Budget(1.5, 10), interrupted=("i-1", "i-2")),
    on(servers={"tts": ServerFacts()}, ready=None),
    starting(5, spot=True, quiet=True),
])  # fmt: skip
def test_facts_come_back_as_they_were(facts: Facts) -> None:
    assert from_plain(Facts, json.loads(json.dumps(to_plain(facts)))) == facts


def test_a_decision_comes_back_out_of_a_log_line_with_more_in_it() -> None:
    line = {"message": "decision", "at": 1.0, "action": "stop", "reason": "Idle.", "kind": "idle"}
    assert from_plain(Decision, line) == Decision("stop", "Idle.", "idle")


@pytest.mark.parametrize("document", [
    {}, {"at": 1.0}, {"at": "1", "by": "a"}, {"at": True, "by": "a"}, {"at": 1, "by": None},
    {"at": 1, "by": "a", "urgent": 1}, [], None, "x",
])  # fmt: skip
def test_what_does_not_fit_is_a_value_error(document: Any) -> None:
    with pytest.raises(ValueError, match="field"):
        from_plain(Wish, document)


def test_an_own_field_is_not_taken_for_another() -> None:
    plain = to_plain(Lease("abc", "alice", "demo", NOW, NOW + 1))
    assert plain == {"id": "abc", "owner": "alice", "reason": "demo", "created_at": NOW,
                     "expires_at": NOW + 1, "override": False}  # fmt: skip
