"""What a page that is open for days keeps: the newest clips, and nothing of those before."""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.console.visits import Visit, visit
from tests.e2e.consumers.sites import EXAMPLES, served

# The object URLs that nobody has revoked.
URLS = """
  window.kept = new Set();
  const {createObjectURL: make, revokeObjectURL: drop} = URL;
  URL.createObjectURL = (blob) => { const url = make.call(URL, blob); kept.add(url); return url; };
  URL.revokeObjectURL = (url) => { kept.delete(url); drop.call(URL, url); };
"""
KINDS = ("ResizeObserver", "HTMLCanvasElement", "HTMLAudioElement")


@pytest.fixture
def here(chromium: Browser, local_console: str) -> Iterator[Visit]:
    with visit(chromium, local_console, hurried=False) as made:
        made.page.add_init_script(URLS)
        made.page.reload()
        made.is_called("On")
        yield made


def alive(page: Page) -> dict[str, int]:
    """How many of each kind are left once the browser has collected its garbage."""
    session = page.context.new_cdp_session(page)
    found = {kind: len(objects(session, f"{kind}.prototype")) for kind in KINDS}
    session.detach()
    return found


def objects(session: Any, prototype: str) -> range:
    session.send("HeapProfiler.collectGarbage")
    of = session.send("Runtime.evaluate", {"expression": prototype})["result"]["objectId"]
    held = session.send("Runtime.queryObjects", {"prototypeObjectId": of})["objects"]
    asked = {
        "objectId": held["objectId"],
        "functionDeclaration": "function () { return this.length }",
    }
    return range(session.send("Runtime.callFunctionOn", asked)["result"]["value"])


def listening(page: Page) -> int:
    """Who waits for another theme."""
    session = page.context.new_cdp_session(page)
    document = session.send("Runtime.evaluate", {"expression": "document"})["result"]
    asked = {"objectId": document["objectId"]}
    found = session.send("DOMDebugger.getEventListeners", asked)["listeners"]
    session.detach()
    return sum(each["type"] == "themechange" for each in found)


def test_a_replaced_player_is_let_go(here: Visit) -> None:
    for text in ("One.", "Two."):
        here.speak(text)
    assert listening(here.page) == 1
    assert here.page.evaluate("() => kept.size") == 1
    assert alive(here.page) == dict.fromkeys(KINDS, 1)


def test_the_team_s_page_lets_replaced_clips_go(chromium: Browser) -> None:
    audio = io.BytesIO()
    with wave.open(audio, "wb") as file:
        file.setparams((1, 2, 24000, 0, "NONE", ""))
        file.writeframes(bytes(480))
    clips = [base64.b64encode(audio.getvalue()).decode()] * 2
    with served(EXAMPLES) as origin:
        page = chromium.new_page()
        page.add_init_script(URLS)
        page.route("**/health", lambda route: route.fulfill(json={"engine": "qwen3-tts"}))
        page.route(
            "**/generate_batch",
            lambda route: route.fulfill(json={"success": True, "audios": clips}),
        )
        page.goto(f"{origin}/page.html?speech={origin}")
        page.get_by_label("One text a line").fill("One.\nTwo.")
        for _ in range(3):
            with page.expect_response("**/generate_batch"):
                page.get_by_role("button", name="Speak").click()
            expect(page.locator("#state")).to_have_text("Done.")
        assert page.evaluate("() => kept.size") == len(clips)
        page.close()
