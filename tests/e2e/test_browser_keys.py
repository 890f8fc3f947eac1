"""A page in headless Chromium with a key: refusals, a server about to stop, long answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.leases import drained
from tests.e2e.pages import HOME, LOCALHOST, STUDIO
from tests.e2e.samples import BODY_SIZES, LONG_TEXT, SECRET, TOO_LARGE
from tests.e2e.visits import Browser
from tests.servers import Running

Results = dict[str, Any]


def visit(browser: Browser, host: str, running: Running, scenario: str, **task: Any) -> Results:
    both = {"tts": running.tts, "whisperx": running.whisperx}
    return browser.visit(host, scenario, key=SECRET, **both, **task)


@pytest.fixture(scope="module")
def keys(browser: Browser, keyed_servers: Running) -> Results:
    return visit(browser, HOME, keyed_servers, "keys", sizes=BODY_SIZES)


@pytest.fixture(scope="module")
def long(browser: Browser, keyed_servers: Running) -> Results:
    return visit(browser, HOME, keyed_servers, "long", text=LONG_TEXT)


@pytest.fixture(scope="module")
def stopping(browser: Browser, keyed_servers: Running) -> Results:
    with drained(keyed_servers):
        return visit(browser, HOME, keyed_servers, "call")


@pytest.mark.parametrize("way", ["X-API-Key", "Bearer", "Basic"])
def test_a_page_sends_its_key(keys: Results, way: str) -> None:
    assert keys[way]["status"] == 200
    assert keys[way]["body"]["success"] is True


@pytest.mark.parametrize("name", ["health with key", "transcribe", "align"])
def test_a_page_calls_below_the_prefix(keys: Results, name: str) -> None:
    assert keys[name]["status"] == 200


@pytest.mark.parametrize("name", ["no key", "wrong key"])
def test_a_page_sees_that_its_key_is_missing(keys: Results, name: str) -> None:
    assert keys[name]["status"] == 401
    assert "X-API-Key" in keys[name]["body"]["error"]


@pytest.mark.parametrize("size", TOO_LARGE)
def test_a_page_sees_that_its_body_is_too_large(keys: Results, size: int) -> None:
    answer = keys[f"{size} too large"]
    assert answer.get("status") == 413, answer
    assert "1 MiB" in answer["body"]["error"]


@pytest.mark.parametrize("size", BODY_SIZES)
def test_a_page_with_a_large_body_sees_that_its_key_is_missing(keys: Results, size: int) -> None:
    answer = keys[f"{size} without key"]
    assert answer.get("status") == 401, answer
    assert "X-API-Key" in answer["body"]["error"]


def test_a_page_parses_a_long_answer(long: Results) -> None:
    answer = long["spoken"]
    assert answer["status"] == 200
    assert answer["seconds"] > 3
    assert answer["body"]["success"] is True
    assert answer["headers"]["X-Queue-Position"] is not None


def test_a_page_sees_a_failure_after_the_first_white_space(long: Results) -> None:
    assert long["failed"]["status"] == 200
    assert long["failed"]["body"]["success"] is False
    assert "deadline" in long["failed"]["body"]["error"]


@pytest.mark.parametrize("name", ["generate", "transcribe"])
def test_a_page_sees_that_the_server_is_about_to_stop(stopping: Results, name: str) -> None:
    answer = stopping[name]
    assert answer["status"] == 503
    assert "about to be stopped" in answer["body"]["error"]
    assert 1 <= int(answer["headers"]["Retry-After"]) <= 30
    assert answer["headers"]["X-Request-Id"]


@pytest.mark.parametrize("server", ["tts", "whisperx"])
def test_health_answers_while_the_server_is_about_to_stop(stopping: Results, server: str) -> None:
    assert stopping[f"{server} health"]["status"] == 200


@pytest.mark.parametrize("host", [HOME, STUDIO])
def test_a_page_of_a_listed_origin_may_call(
    browser: Browser, keyed_servers: Running, host: str
) -> None:
    found = visit(browser, host, keyed_servers, "call")
    assert found["tts health"]["status"] == found["whisperx health"]["status"] == 200
    assert found["generate"]["body"]["success"] is True


def test_a_page_of_an_origin_that_is_not_listed_is_refused(
    browser: Browser, keyed_servers: Running
) -> None:
    found = visit(browser, LOCALHOST, keyed_servers, "call")
    assert found["there"]["type"] == "opaque"
    for name in ("tts health", "whisperx health", "generate", "transcribe", "text"):
        assert found[name].get("thrown") == "TypeError", name
