"""The pictures of the console in docs/img, drawn when UPDATE_PICTURES=yes is set."""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import ROOT
from tests.e2e.console.cloud import Cloud
from tests.e2e.console.visits import STATE_MS, WORK_MS, Visit, visit

FOLDER = ROOT / "docs" / "img"
NAMES = ("asleep", "starting", "speaking", "dark", "narrow")
MOST_BYTES = 200_000
TEXT = (
    "Good morning. The GPU under the desk has moved to the cloud, and nobody had to change a line. "
    "It wakes when somebody calls, and sleeps when nobody does."
)
drawing = pytest.mark.skipif(
    os.environ.get("UPDATE_PICTURES") != "yes", reason="UPDATE_PICTURES=yes draws them"
)


@pytest.fixture
def looking(chromium: Browser, cloud: Cloud, cloud_console: str) -> Iterator[Visit]:
    """Where and when the pictures are taken."""
    plain: dict[str, Any] = {"locale": "en-GB", "viewport": {"width": 1180, "height": 860}}
    with visit(
        chromium, cloud_console, color_scheme="light", reduced_motion="reduce", **plain
    ) as made:
        made.is_called("Asleep")
        yield made


def take(made: Visit, name: str) -> None:
    """With the mouse out of the way; a first one has everything painted."""
    made.page.mouse.move(590, 5)
    made.page.screenshot()
    made.page.screenshot(path=FOLDER / f"console-{name}.png")


def wake(cloud: Cloud, made: Visit) -> None:
    """So that the stages reached so far took this long until now."""
    cloud.house.clock.now = time.time() - 118
    cloud.look(0)
    made.one("#gpu-start").click()
    made.is_called("Starting")
    cloud.reach("instance running", 46)
    cloud.reach("agent joined", 14)
    cloud.look(58)


def past_starts(cloud: Cloud) -> None:
    """Two starts that show what is usual."""
    for took in ((44, 12, 96, 5, 38), (52, 15, 104, 6, 41)):
        cloud.house.call("/power/start")
        cloud.start(took)
        cloud.look(60)
        cloud.house.call("/power/stop")
        cloud.look(60)
        cloud.is_off()
        cloud.look(60)


@drawing
def test_asleep_and_starting(cloud: Cloud, looking: Visit) -> None:
    past_starts(cloud)
    looking.is_called("Asleep")
    looking.page.get_by_label("Text", exact=True).fill(TEXT)
    expect(looking.one("#gpu-facts")).to_contain_text("Last stop", timeout=STATE_MS)
    looking.page.get_by_label("Text", exact=True).blur()
    take(looking, "asleep")
    wake(cloud, looking)
    looking.page.get_by_role("button", name="Speak", exact=True).click()
    expect(looking.one("#speak-waiting")).to_contain_text("The image is fetched", timeout=STATE_MS)
    take(looking, "starting")


@drawing
def test_speaking(cloud: Cloud, looking: Visit) -> None:
    wake(cloud, looking)
    cloud.reach("image pulled", 10)
    cloud.reach("container up", 2)
    cloud.reach("model loading", 1)
    cloud.warm(1)
    looking.is_called("On")
    looking.speak(TEXT)
    spoken(looking)
    take(looking, "speaking")
    looking.page.emulate_media(color_scheme="dark")
    take(looking, "dark")
    looking.page.set_viewport_size({"width": 400, "height": 860})
    looking.page.evaluate("() => document.querySelector('#speak').scrollIntoView()")
    take(looking, "narrow")


def spoken(made: Visit) -> None:
    """It is played from the start, up to the word "cloud"."""
    made.one("#speak .word").first.click()
    word = made.one("#speak .word").filter(has_text="cloud,")
    expect(word).to_have_attribute("aria-current", "true", timeout=WORK_MS)


@pytest.mark.parametrize("name", NAMES)
def test_the_picture_is_there_and_small(name: str) -> None:
    data = (FOLDER / f"console-{name}.png").read_bytes()
    assert len(data) < MOST_BYTES
    width, height = struct.unpack(">II", data[16:24])
    assert (width, height) == ((400, 860) if name == "narrow" else (1180, 860))
