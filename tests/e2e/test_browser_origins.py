"""What a browser keeps from pages: foreign origins, posts without a preflight, /internal."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.leases import internal
from tests.e2e.pages import HOME, STUDIO
from tests.e2e.visits import Browser
from tests.servers import Running, running_servers

Results = dict[str, Any]
CALLS = ("tts health", "whisperx health", "generate", "transcribe", "text")
WAIT_SECONDS = 10


@pytest.fixture(scope="module")
def studio_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Servers that pages of one origin elsewhere may call, and no other."""
    settings = {"VOICE_ENGINE": "clock", "VOICE_CORS_ORIGINS": f"https://{STUDIO}"}
    with running_servers(tmp_path_factory.mktemp("studio"), settings) as running:
        yield running


def visit(browser: Browser, host: str, running: Running, scenario: str) -> Results:
    return browser.visit(host, scenario, tts=running.tts, whisperx=running.whisperx)


@pytest.fixture(scope="module")
def unlisted(browser: Browser, studio_servers: Running) -> Results:
    return visit(browser, HOME, studio_servers, "call")


@pytest.fixture(scope="module")
def foreign(browser: Browser, cpu_servers: Running) -> Results:
    return visit(browser, STUDIO, cpu_servers, "call")


@pytest.fixture(scope="module")
def of_another_scheme(browser: Browser, studio_servers: Running) -> Results:
    return visit(browser, STUDIO, studio_servers, "call")


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("page", ["unlisted", "foreign", "of_another_scheme"])
def test_a_page_that_may_not_call_is_refused(
    request: pytest.FixtureRequest, page: str, name: str
) -> None:
    found: Results = request.getfixturevalue(page)
    assert found["there"]["type"] == "opaque"
    assert found[name].get("thrown") == "TypeError"


def statuses(running: Running) -> list[int]:
    """Statuses of all requests for work, from the servers' log."""
    lines = running.log.read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines if line.startswith("{")]
    return [entry["status"] for entry in records if entry.get("message") == "request"]


def statuses_after(running: Running, seen: int, count: int) -> list[int]:
    """Statuses of the next requests; a log line follows the answer that it tells of."""
    end = time.monotonic() + WAIT_SECONDS
    while len(found := statuses(running)[seen:]) < count and time.monotonic() < end:
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("host", [HOME, STUDIO], ids=["allowed origin", "foreign origin"])
def test_posts_without_a_preflight_are_not_served(
    browser: Browser, cpu_servers: Running, host: str
) -> None:
    seen = len(statuses(cpu_servers))
    found = visit(browser, host, cpu_servers, "unasked")
    assert found["opaque"]["type"] == "opaque"
    assert found["plain form"] == found["form"] == {"sent": True}
    assert statuses_after(cpu_servers, seen, 4) == [415] * 4


def test_a_page_that_may_call_sees_why_text_is_not_read(
    browser: Browser, cpu_servers: Running
) -> None:
    answer = visit(browser, HOME, cpu_servers, "unasked")["text"]
    assert answer["status"] == 415
    assert "application/json" in answer["body"]["error"]


@pytest.fixture(scope="module")
def inside(browser: Browser, cpu_servers: Running) -> Results:
    return visit(browser, HOME, cpu_servers, "internal")


@pytest.mark.parametrize("name", ["drain", "resume", "activity"])
def test_a_page_may_not_send_the_header_of_internal_calls(inside: Results, name: str) -> None:
    assert inside[name].get("thrown") == "TypeError"


def test_an_internal_call_without_the_header_is_refused(inside: Results) -> None:
    assert inside["unnamed"]["status"] == 403
    assert "X-Voice-Internal" in inside["unnamed"]["body"]["error"]


def test_no_page_can_stop_the_server(inside: Results, cpu_servers: Running) -> None:
    assert inside["opaque"]["type"] == "opaque"
    assert internal(cpu_servers.tts, "activity")["draining_seconds"] == 0
