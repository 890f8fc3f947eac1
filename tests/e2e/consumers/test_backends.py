"""A page that speaks through its own backend: Vite's dev server, or Express."""

from __future__ import annotations

import base64
import io
import json
import wave
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests import web
from tests.e2e.consumers.backends import running_backend
from tests.e2e.consumers.chromium import Seen
from tests.e2e.consumers.proxies import Proxied
from tests.e2e.samples import SECRET
from tests.patience import until
from tests.servers import Running, free_ports

PATH = "/api/tts-generate"
CALL_SECONDS = 60
# Less than the work would take, and than the 15 s after which an answer begins anyhow.
GONE_SECONDS = 8
CALL = """async (body) => {
  const answer = await fetch("/api/tts-generate", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}"""
LEAVE = """async (body) => {
  const stop = new AbortController();
  const headers = { "Content-Type": "application/json" };
  const call = { method: "POST", headers, body: JSON.stringify(body), signal: stop.signal };
  window.leave = () => stop.abort();
  window.called = fetch("/api/tts-generate", call).catch((error) => error.name);
}"""
KINDS = ["vite", "express"]


@pytest.fixture(scope="module", params=KINDS)
def backend(
    request: pytest.FixtureRequest,
    node: str,
    proxied: Proxied,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp(request.param)
    with running_backend(node, request.param, proxied.console, folder) as origin:
        yield origin


@pytest.fixture
def at_home(seen: Seen, backend: str) -> Seen:
    """The team's page, open at its own backend."""
    seen.page.goto(f"{backend}/page.html")
    return seen


def seconds(audio: str) -> float:
    with wave.open(io.BytesIO(base64.b64decode(audio))) as sound:
        return float(sound.getnframes() / sound.getframerate())


def post(origin: str, content: bytes, kind: str = "application/json") -> httpx.Response:
    headers = {"Content-Type": kind} if kind else {}
    return web.post(
        origin + PATH, content=content, headers=headers, timeout=CALL_SECONDS, trust_env=False
    )


def test_one_text_comes_back_as_audio(at_home: Seen) -> None:
    answer = at_home.page.evaluate(CALL, {"text": "Hello there.", "instruct": "Gladly."})
    assert answer["status"] == 200
    assert answer["body"]["success"] is True
    assert 0.3 < seconds(answer["body"]["audio"]) < 5


def test_several_texts_come_back_in_their_order(at_home: Seen) -> None:
    texts = ["Hello.", "The quick brown fox jumps over the lazy dog."]
    answer = at_home.page.evaluate(CALL, {"texts": texts})
    short, long = map(seconds, answer["body"]["audios"])
    assert short < long


def test_the_key_is_in_nothing_that_a_page_can_read(at_home: Seen) -> None:
    at_home.page.evaluate(CALL, {"text": "Hello there."})
    at_home.page.evaluate(CALL, {"text": " "})
    assert [answer.status for answer in at_home.answers if answer.url.endswith(PATH)] == [200, 400]
    assert SECRET not in at_home.texts()
    assert SECRET not in at_home.page.content()


def test_a_refusal_arrives_in_the_server_s_words(backend: str, keyed_voices: Running) -> None:
    body = json.dumps({"text": " "}).encode()
    through = post(backend, body)
    straight = web.post(
        f"{keyed_voices.tts}/generate", json={"text": " "}, headers={"X-API-Key": SECRET}
    )
    assert through.status_code == straight.status_code == 400
    assert through.json()["error"] == straight.json()["error"]


def test_a_body_that_the_app_has_parsed_already_is_sent_all_the_same(
    node: str, proxied: Proxied, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("parsed")
    with running_backend(node, "express_parsed", proxied.console, folder) as origin:
        answer = post(origin, b'{"text": "Hello there."}')
    assert answer.status_code == 200
    assert seconds(answer.json()["audio"]) > 0.3


def test_a_body_that_is_too_large_is_refused_in_words(backend: str) -> None:
    answer = post(backend, json.dumps({"text": "a" * 300_000}).encode())
    assert answer.status_code == 413
    assert answer.json()["success"] is False
    assert "larger than 256 KB" in answer.json()["error"]


@pytest.mark.parametrize("kind", [
    "text/plain", "text/plain;a=json", "text/plain; charset=application/json",
    "application/x-www-form-urlencoded", "",
])  # fmt: skip
def test_what_a_page_of_strangers_can_post_is_not_served(backend: str, kind: str) -> None:
    """Without a preflight a browser sends these types alone, from any page to any server."""
    answer = post(backend, b'{"text": "Hello."}', kind)
    assert answer.status_code == 415
    assert "application/json" in answer.json()["error"]


def test_a_page_of_strangers_is_refused_whatever_it_posts(backend: str) -> None:
    headers = {"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}
    answer = web.post(
        backend + PATH, json={"text": "Hello."}, headers=headers, timeout=CALL_SECONDS,
        trust_env=False,
    )  # fmt: skip
    assert answer.status_code == 403
    assert answer.json()["success"] is False
    assert "another site may not use this" in answer.json()["error"]


def test_another_method_is_none_of_its_business(backend: str) -> None:
    assert web.get(backend + PATH, trust_env=False).status_code in (200, 404)


def test_a_page_that_is_closed_ends_the_call(at_home: Seen, proxied: Proxied) -> None:
    texts = ["This is a long text, and nobody waits for its end. " * 8] * 90
    at_home.page.evaluate(LEAVE, {"texts": texts})
    until(lambda: latest(proxied)["state"] == "running")
    at_home.page.evaluate("window.leave()")
    assert at_home.page.evaluate("window.called") == "AbortError"
    until(lambda: latest(proxied)["state"] == "cancelled", GONE_SECONDS)


def latest(proxied: Proxied) -> dict[str, Any]:
    found: dict[str, Any] = web.get(f"{proxied.console}/api/status", trust_env=False).json()
    return dict(found["calls"][0])


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_proxy_it_says_what_to_do(
    node: str, kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (nobody,) = free_ports(1)
    folder = tmp_path_factory.mktemp(kind)
    with running_backend(node, kind, f"http://localhost:{nobody}", folder) as origin:
        answer = post(origin, b'{"text": "Hello."}')
    assert answer.status_code == 502
    assert answer.json()["error"].endswith("Start it: gpuvoice proxy")
