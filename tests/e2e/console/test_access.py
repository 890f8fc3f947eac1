"""The page without a mouse, with a screen reader, on a small screen, in the dark."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ROOT, need
from tests.e2e.console.cloud import Cloud
from tests.e2e.console.visits import STATE_MS, WORK_MS, Visit

TEXT = "Good morning. Here is the news."
NARROW = (400, 320)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe, which looks for what hinders people."""
    file = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    found = (str(file), "") if file.is_file() else ("", "run `npm ci` (`node_modules/axe-core`)")
    return Path(need(found)).read_text(encoding="utf-8")


def hinders_nobody(made: Visit, axe: str) -> None:
    """In light and in dark, whole and narrow."""
    for scheme in SCHEMES:
        made.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        made.page.evaluate(axe)
        found = made.page.evaluate("() => axe.run({resultTypes: ['violations']})")
        told = [(each["id"], [node["html"] for node in each["nodes"]])
                for each in found["violations"]]  # fmt: skip
        assert told == [], scheme
        assert found["passes"], "axe looked at nothing"
    for width in NARROW:
        made.page.set_viewport_size({"width": width, "height": 800})
        assert made.script("tooWide") == {"page": 0, "wide": []}


def test_asleep(there: Visit, axe: str) -> None:
    there.one("#lease summary").click()
    hinders_nobody(there, axe)


def test_starting_and_waiting(cloud: Cloud, there: Visit, axe: str) -> None:
    there.ask_to_speak(TEXT)
    there.is_called("Starting")
    cloud.reach("instance running", 48)
    expect(there.one("#gpu-chain")).to_contain_text("0:48", timeout=STATE_MS)
    hinders_nobody(there, axe)


def test_on_and_spoken(cloud: Cloud, there: Visit, axe: str) -> None:
    there.one("#lease summary").click()
    there.page.get_by_label("Why").fill("demo")
    there.one("#lease-form button").click()
    there.is_called("Starting")
    cloud.start()
    there.is_called("On")
    there.speak(TEXT)
    expect(there.one("#speak .word[aria-current]")).to_have_count(1)
    there.one("#speak .more summary").click()
    hinders_nobody(there, axe)


def test_heard(here: Visit, axe: str, tmp_path: Path) -> None:
    here.speak(TEXT)
    with here.page.expect_download(timeout=WORK_MS) as download:
        here.one("#speak").get_by_role("button", name="Audio", exact=True).click()
    file = tmp_path / "a-very-long-name-of-a-file-that-goes-on-and-on-and-on-and-on.wav"
    download.value.save_as(file)
    here.page.get_by_label("Drop audio here, or choose files").set_input_files(file)
    here.page.get_by_role("button", name="Listen", exact=True).click()
    expect(here.one(".heard > .text")).to_contain_text("morning", timeout=WORK_MS)
    hinders_nobody(here, axe)


def test_in_trouble(cloud: Cloud, there: Visit, axe: str) -> None:
    there.ask_to_speak(" ")
    there.page.get_by_role("button", name="Listen", exact=True).click()
    there.one("#gpu-start").click()
    there.is_called("Starting")
    cloud.look(26 * 60)
    there.is_called("Last start failed")
    hinders_nobody(there, axe)


def test_a_question(cloud: Cloud, there: Visit, axe: str) -> None:
    there.one("#gpu-start").click()
    there.is_called("Starting")
    there.one("#gpu-stop").click()
    expect(there.one("#ask")).to_be_visible()
    hinders_nobody(there, axe)
    there.page.keyboard.press("Escape")
    expect(there.one("#ask")).to_be_hidden()
    expect(there.one("#gpu-stop")).to_be_focused()


def test_all_of_it_by_keyboard(here: Visit) -> None:
    keys = here.page.keyboard
    keys.press("Tab")
    expect(here.page.get_by_role("link", name="Skip to Speak")).to_be_focused()
    keys.press("Enter")
    keys.press("Tab")
    expect(here.page.get_by_label("Text", exact=True)).to_be_focused()
    keys.type(TEXT)
    keys.press("Control+Enter")
    expect(here.one("#speak .word").first).to_be_visible(timeout=WORK_MS)
    expect(here.one("#speak audio")).to_have_js_property("ended", True, timeout=WORK_MS)
    tab_to(here, ".play")
    keys.press("Enter")
    expect(here.one(".play")).to_have_attribute("aria-label", "Pause")
    keys.press("Enter")
    tab_to(here, ".seek")
    keys.press("End")
    expect(here.one(".seek")).to_have_attribute("aria-valuetext", re.compile(r"^(\d:\d\d) of \1$"))
    keys.press("Home")
    expect(here.one(".seek")).to_have_attribute("aria-valuenow", "0")
    tab_to(here, ".word")
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    expect(here.one(".word").nth(2)).to_be_focused()
    keys.press("Enter")
    expect(here.one(".word").nth(2)).to_have_attribute("aria-current", "true")
    tab_to(here, "[data-part=saveVtt]")
    with here.page.expect_download() as download:
        keys.press("Enter")
    assert download.value.suggested_filename == "good-morning-here-is-the-news.vtt"
    assert here.complaints == []


def tab_to(made: Visit, selector: str) -> None:
    """Everything on the way shows that it has the focus."""
    for _ in range(20):
        made.page.keyboard.press("Tab")
        assert made.script("focusShows")
        if made.page.evaluate("(it) => document.activeElement.matches(it)", selector):
            return
    raise AssertionError(f"Tab does not get to {selector}")


def test_colours_are_chosen_and_kept(here: Visit) -> None:
    here.page.emulate_media(color_scheme="light")
    light = here.script("paper")
    here.page.get_by_label("Dark").check(force=True)
    dark = here.script("paper")
    assert dark != light
    here.page.reload()
    assert here.script("paper") == dark
    here.page.get_by_label("Auto").check(force=True)
    assert here.script("paper") == light
