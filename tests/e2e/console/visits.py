"""One visit to the console: what the page says, asks for, and complains about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, expect

Words = list[dict[str, Any]]
# As if the tab came to the front again and again: the page looks at once, as it does then.
HURRY = """setInterval(() => document.dispatchEvent(new Event("visibilitychange")), 400)"""
# What Chromium itself writes of an answer that is no success; the page cannot avoid it.
NETWORK = "Failed to load resource"
# Synthesis on a busy machine without a GPU takes its time.
WORK_MS = 60_000
STATE_MS = 15_000


@dataclass
class Visit:
    """`words`: what was spoken last, and when; `complaints`: errors and warnings of the console,
    and exceptions; `hosts`: who was asked."""

    page: Page
    words: Words = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def one(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def is_called(self, state: str | re.Pattern[str]) -> None:
        """The GPU's state is shown as this word."""
        expect(self.one("#gpu-word")).to_have_text(state, timeout=STATE_MS)

    def ask_to_speak(self, text: str) -> None:
        """Type it, press the button."""
        self.page.get_by_label("Text", exact=True).fill(text)
        self.page.get_by_role("button", name="Speak", exact=True).click()

    def speak(self, text: str) -> Words:
        """The same; its words, once the page shows them."""
        with self.page.expect_response("**/whisperx/align", timeout=WORK_MS) as answer:
            self.ask_to_speak(text)
        expect(self.one("#speak .word").first).to_be_visible(timeout=WORK_MS)
        self.words = answer.value.json()["words"]
        return self.words

    def script(self, name: str, argument: object = None) -> Any:
        """Run a function of page.js, which the page itself does not have."""
        source = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")
        return self.page.evaluate(
            f"(argument) => {{ {source}; return {name}(argument); }}", argument
        )


@contextmanager
def visit(
    chromium: Browser, address: str, *, hurried: bool = True, **context: Any
) -> Iterator[Visit]:
    """Open the console in a fresh browser profile; nobody waits for its next look but where it
    is not `hurried`."""
    opened = chromium.new_context(**{"viewport": {"width": 1180, "height": 860}, **context})
    page = opened.new_page()
    if hurried:
        page.add_init_script(HURRY)
    made = Visit(page)
    page.on("request", lambda request: _note(made, request.url))
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.on("console", lambda message: _complain(made, message.type, message.text))
    try:
        page.goto(address)
        yield made
    finally:
        opened.close()


def _note(made: Visit, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("blob", "data"):
        made.hosts.add(parts.hostname or url)


def _complain(made: Visit, kind: str, text: str) -> None:
    if kind in ("error", "warning") and not text.startswith(NETWORK):
        made.complaints.append(f"{kind}: {text}")
