"""The GPU sleeps; somebody looks at it, starts it, speaks, keeps it on, and stops it again."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.console.cloud import Cloud
from tests.e2e.console.visits import STATE_MS, WORK_MS, Visit
from tests.patience import until
from tests.power.house import BOB


def press(there: Visit, name: str, inside: str = "#gpu") -> None:
    there.one(inside).get_by_role("button", name=name).click()


def started(cloud: Cloud, there: Visit) -> None:
    press(there, "Start")
    there.is_called("Starting")
    cloud.start()
    there.is_called("On")


def test_it_is_started_and_the_way_is_shown(cloud: Cloud, calm_there: Visit) -> None:
    there = calm_there
    press(there, "Start")
    there.is_called("Starting")
    now = there.one("#gpu-chain [aria-current=step]")
    expect(now).to_contain_text("The machine boots")
    cloud.reach("instance running", 48)
    cloud.reach("agent joined", 12)
    expect(now).to_contain_text("The image is fetched", timeout=STATE_MS)
    expect(there.one("#gpu-chain li").nth(1)).to_contain_text("0:48")
    expect(there.one("#gpu-eta")).to_contain_text("left")
    bar = there.page.get_by_role("progressbar", name="How far the start is")
    assert 0 < float(bar.get_attribute("value") or 0) < 1
    for stage in ("image pulled", "container up", "model loading"):
        cloud.reach(stage, 10)
    cloud.warm()
    there.is_called("On")
    expect(there.one("#gpu-way")).to_be_hidden()
    expect(there.one("#gpu-facts")).to_contain_text("$0.50 an hour")
    assert there.complaints == []


def test_a_text_wakes_it_waits_and_is_spoken(cloud: Cloud, there: Visit) -> None:
    there.page.get_by_label("Text", exact=True).fill("Hello there.")
    press(there, "Speak", "#speak")
    there.is_called("Starting")
    waiting = there.one("#speak-waiting")
    expect(waiting).to_contain_text("The machine boots", timeout=STATE_MS)
    expect(waiting).to_contain_text("left")
    cloud.start()
    expect(there.one("#speak .word").first).to_be_visible(timeout=WORK_MS)
    there.is_called("On")
    expect(waiting).to_be_hidden()
    assert there.complaints == []
    assert there.hosts == {"localhost"}


def test_a_call_that_waits_can_be_taken_back(cloud: Cloud, there: Visit) -> None:
    there.page.get_by_label("Text", exact=True).fill("Hello there.")
    press(there, "Speak", "#speak")
    there.is_called("Starting")
    press(there, "Cancel", "#speak")
    expect(there.one("#speak-waiting")).to_be_hidden()
    expect(there.page.get_by_role("button", name="Speak", exact=True)).to_be_focused()
    expect(there.one("#speak-alert")).to_be_empty()
    expect(there.one("#calls-rows tr").first).to_contain_text("cancelled", timeout=STATE_MS)


def test_a_lease_keeps_it_on_until_it_is_released(cloud: Cloud, there: Visit) -> None:
    there.one("#lease summary").click()
    there.page.get_by_label("Why").fill("demo at ten")
    press(there, "Keep it on")
    row = there.one("#lease-list li")
    expect(row).to_contain_text("demo at ten, by alice", timeout=STATE_MS)
    there.is_called("Starting")
    cloud.start()
    expect(there.one("#gpu-facts")).to_contain_text("Kept on", timeout=STATE_MS)
    before = cloud.house.store.read().leases[0].expires_at
    there.page.get_by_label("Hours").fill("5")
    press(there, "Extend")
    until(lambda: cloud.house.store.read().leases[0].expires_at > before + 3600)
    press(there, "Release")
    expect(row).to_have_count(0, timeout=STATE_MS)


def test_a_stop_is_asked_about_first(cloud: Cloud, there: Visit) -> None:
    started(cloud, there)
    asked: list[str] = []
    there.page.on("request", lambda request: asked.append(request.url))
    press(there, "Stop")
    press(there, "Leave it", "#ask")
    expect(there.one("#ask")).to_be_hidden()
    press(there, "Stop")
    expect(there.one("#ask")).to_be_visible()
    assert [url for url in asked if "/power/" in url] == []
    press(there, "Stop it", "#ask")
    expect(there.one("#gpu-note")).to_contain_text("nothing under way")
    assert cloud.house.store.read().stop_wishes["live"].by == "alice"
    cloud.look(60)
    there.is_called(re.compile("Stopping|Asleep"))


def test_a_stop_of_what_others_keep_on_is_asked_about_twice(cloud: Cloud, there: Visit) -> None:
    started(cloud, there)
    cloud.house.call("/power/lease", BOB, body={"hours": 2, "reason": "rehearsal"})
    expect(there.one("#lease-count")).to_have_text("1 lease", timeout=STATE_MS)
    press(there, "Stop")
    press(there, "Stop it", "#ask")
    expect(there.one("#ask-sentence")).to_contain_text("bob (rehearsal)")
    assert cloud.house.store.read().stop_wishes == {}
    press(there, "Stop it", "#ask")
    expect(there.one("#gpu-note")).to_contain_text("nothing under way")
    assert "live" in cloud.house.store.read().stop_wishes
    # Somebody else's lease is theirs.
    there.one("#lease summary").click()
    press(there, "Release")
    expect(there.one("#lease-alert")).to_contain_text("This lease is bob's")
