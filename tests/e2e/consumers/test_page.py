"""The team's page, at an origin of its own, through the proxy: no key, and errors in words."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.e2e.consumers.chromium import Seen
from tests.e2e.consumers.proxies import Proxied
from tests.e2e.consumers.team_page import durations, open_page, press, said
from tests.e2e.samples import SECRET
from tests.servers import Running, free_ports

WAIT_SECONDS = 60
LINES = ("Hello there.", "The quick brown fox jumps over the lazy dog.")


def speak(seen: Seen, origin: str, speech: str, *lines: str) -> str:
    """Type the lines, press the button and wait; what the page then says."""
    open_page(seen, origin, speech)
    press(seen, *lines)
    return said(seen, WAIT_SECONDS)


@pytest.fixture
def spoken(seen: Seen, team_site: str, proxied: Proxied) -> Seen:
    assert speak(seen, team_site, proxied.speech, *LINES) == "Done."
    return seen


def test_a_page_gets_a_clip_for_each_text(spoken: Seen) -> None:
    short, long = durations(spoken)
    assert 0.3 < short < long < 10
    assert spoken.complaints == []


def test_a_page_is_told_who_answers(spoken: Seen) -> None:
    assert spoken.page.locator("#server").inner_text() == "qwen3-tts, no GPU"


def test_the_key_is_in_nothing_that_a_page_can_read(spoken: Seen) -> None:
    assert any(answer.url.endswith("/generate_batch") for answer in spoken.answers)
    assert SECRET not in spoken.texts()
    assert SECRET not in spoken.page.content()


def test_nothing_leaves_this_machine(spoken: Seen) -> None:
    assert {urlsplit(url).hostname for url in spoken.urls if url.startswith("http")} == {
        "localhost"
    }


def test_without_the_proxy_the_same_page_is_refused(
    seen: Seen, team_site: str, keyed_voices: Running
) -> None:
    answer = speak(seen, team_site, keyed_voices.tts, "Hello there.")
    assert "X-API-Key" in answer
    assert seen.page.locator("audio").count() == 0


def test_a_page_shows_the_server_s_words(seen: Seen, team_site: str, proxied: Proxied) -> None:
    answer = speak(seen, team_site, proxied.speech, "a" * 6000)
    assert "6000 characters" in answer
    assert "5000 fit" in answer


def test_a_page_says_what_to_do_when_nobody_answers(seen: Seen, team_site: str) -> None:
    (nobody,) = free_ports(1)
    answer = speak(seen, team_site, f"http://localhost:{nobody}", "Hello there.")
    assert answer.endswith("Start it: gpuvoice proxy")
