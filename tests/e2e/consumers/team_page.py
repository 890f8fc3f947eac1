"""The team's page in Chromium: open it at a proxy, let it speak, read what it says."""

from __future__ import annotations

from tests.e2e.consumers.chromium import Seen

SAID = """() => !["", "Speaking ..."].includes(document.getElementById("state").textContent)"""
DURATIONS = """() => Promise.all([...document.querySelectorAll("audio")].map((audio) =>
  new Promise((resolve, reject) => {
    audio.onerror = () => reject(audio.error);
    if (audio.readyState) resolve(audio.duration);
    audio.onloadedmetadata = () => resolve(audio.duration);
  })))"""


def open_page(seen: Seen, origin: str, speech: str) -> str:
    """The page of this origin, which calls the speech server; what it says of that one."""
    seen.page.goto(f"{origin}/page.html?speech={speech}")
    server = seen.page.locator("#server:not(:empty)")
    return server.inner_text()


def press(seen: Seen, *lines: str) -> None:
    """Have these lines spoken, and do not wait."""
    seen.page.get_by_label("One text a line").fill("\n".join(lines))
    seen.page.get_by_role("button", name="Speak").click()


def said(seen: Seen, seconds: float) -> str:
    """What it says when it has an answer."""
    seen.page.wait_for_function(SAID, timeout=seconds * 1000)
    return seen.page.get_by_role("status").inner_text()


def durations(seen: Seen) -> list[float]:
    """Seconds of each clip, as the page's own audio elements have them."""
    return [float(each) for each in seen.page.evaluate(DURATIONS)]
