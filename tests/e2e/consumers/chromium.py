"""Chromium with a page, and all that came over its network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Page, Response, sync_playwright

FLAGS = (
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)


@dataclass
class Seen:
    """What the page asked for, and what it was told; `complaints` are those of its console."""

    page: Page
    urls: list[str] = field(default_factory=list)
    answers: list[Response] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def texts(self) -> str:
        """Every header and every body of every answer."""
        return "\n".join(
            f"{answer.url}\n{answer.all_headers()}\n{answer.text()}" for answer in self.answers
        )


@contextmanager
def opened(program: str) -> Iterator[Seen]:
    """A new browser with one empty page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, chromium_sandbox=False, args=list(FLAGS)
        )
        try:
            seen = Seen(browser.new_page())
            seen.page.on("request", lambda request: seen.urls.append(request.url))
            seen.page.on("response", lambda answer: seen.answers.append(answer))
            seen.page.on("console", lambda said: _note(seen, said.type, said.text))
            seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
            yield seen
        finally:
            browser.close()


def _note(seen: Seen, kind: str, text: str) -> None:
    if kind in ("error", "warning"):
        seen.complaints.append(text)
