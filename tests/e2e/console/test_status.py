"""What the page makes of a status, and that it goes on looking whatever one says."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.console.modules import run
from tests.e2e.console.visits import STATE_MS, Visit

# Longer than a page that rests waits for its next look.
REST_MS = 5500
# A call of this page that the server has begun to answer, as the proxy lists it.
MINE = {"id": "call-0", "call": "/generate", "items": 1, "state": "running", "from": "console",
        "began_at": "2026-11-24T12:00:00.000Z", "seconds": 16.2, "status": None, "error": None,
        "queue_position": 2, "queue_wait_seconds": None}  # fmt: skip


def cloud(**budget: Any) -> dict[str, Any]:
    power = {"available": True, "state": "asleep", "slots": {}, "idle_minutes": 15}
    return {"power": {**power, "budget": budget}, "calls": []}


@pytest.mark.parametrize(
    ("budget", "told"),
    [
        ({"spent_usd": 12.5, "limit_usd": 50, "percent": 25}, "$12.50 of $50.00 (25 %)"),
        ({"spent_usd": 12.5, "limit_usd": 0, "percent": 0}, "$12.50"),
        ({"spent_usd": None, "limit_usd": 50, "percent": None}, "Not known yet of $50.00"),
        ({"spent_usd": None, "limit_usd": None, "percent": None}, "Not known yet"),
    ],
)
def test_what_was_spent_is_told_or_that_nobody_knows(
    node: str, budget: dict[str, Any], told: str
) -> None:
    assert run(node, "facts.js", "facts", cloud(**budget), 0) == [["This month", told]]


@pytest.mark.parametrize("state", ["waiting", "running"])
@pytest.mark.parametrize(
    ("position", "told"),
    [
        (3, "Speaking … 3 pieces of work were before it."),
        (1, "Speaking … 1 piece of work was before it."),
        (0, "Speaking …"),
        (None, "Speaking …"),
    ],
)
def test_the_work_before_it_is_told(node: str, state: str, position: int | None, told: str) -> None:
    mine = {"from": "console", "state": state, "queue_position": position}
    others = {"from": "client", "state": "running", "queue_position": 7}
    status = {"power": {"available": False, "state": "on"}, "calls": [others, mine]}
    assert run(node, "task.js", "waitingWords", "Speaking", status) == told


def test_the_work_before_it_is_shown_while_it_waits(here: Visit) -> None:
    def with_mine(route: Route) -> None:
        status = route.fetch().json()
        status["calls"].insert(0, MINE)
        route.fulfill(json=status)

    here.page.route("**/tts/generate", lambda route: None)
    here.page.route("**/api/status", with_mine)
    here.ask_to_speak("Hi.")
    before = "Speaking … 2 pieces of work were before it."
    expect(here.one("#speak-sentence")).to_have_text(before, timeout=STATE_MS)
    expect(here.one("#calls-rows tr").first).to_contain_text("2 before it")
    here.page.unroute_all(behavior="ignoreErrors")


def test_a_fault_in_one_panel_ends_neither_the_others_nor_the_watch(calm: Visit) -> None:
    fault = 'export const gpuPanel = (watch) => watch.listen(() => { throw Error("a fault"); });'
    kind = {"Content-Type": "text/javascript"}
    calm.page.route("**/gpu.js", lambda route: route.fulfill(body=fault, headers=kind))
    calm.page.clock.install()
    calm.page.reload()
    voices = calm.page.get_by_role("combobox", name="Voice").locator("option")
    expect(voices).not_to_have_text(["The server's own"], timeout=STATE_MS)
    with calm.page.expect_request("**/api/status"):
        calm.page.clock.run_for(REST_MS)
    assert any("a fault" in complaint for complaint in calm.complaints)


def test_a_status_that_lacks_everything_is_passed_over(calm: Visit) -> None:
    calm.page.route("**/api/status", lambda route: route.fulfill(json={"success": True}))
    calm.page.clock.install()
    calm.page.reload()
    calm.is_called("Unreachable")
    calm.page.unroute_all(behavior="wait")
    calm.page.clock.run_for(REST_MS)
    calm.is_called("On")
    assert calm.complaints == []
