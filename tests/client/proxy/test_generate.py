"""`/api/tts-generate`: what a page's own backend calls."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.client.proxy.running import Proxied
from tests.client.proxy.scripted import Line, Scripted


def test_a_backend_asks_for_speech(proxied: Proxied, client: httpx.Client) -> None:
    url = f"{proxied.console}/api/tts-generate"
    one = client.post(url, json={"text": "Hello.", "seed": 4, "instruct": "calm"}).json()
    assert (one["success"], one["seed"]) == (True, 4)
    small = client.post(url, json={"text": "Hello.", "format": "mp3"}).json()
    assert small["format"] == "mp3"
    assert len(small["audio"]) < len(client.post(url, json={"text": "Hello."}).json()["audio"])
    several = client.post(url, json={"texts": ["a.", "b."], "instructs": ["calm", ""]}).json()
    assert several["count"] == 2
    refused = client.post(url, json={"text": ""})
    assert (refused.status_code, refused.json()["success"]) == (400, False)


@pytest.mark.parametrize("body", [
    {"text": 3}, {"text": ["a"]}, {"texts": "a"}, {"texts": [1]}, {"texts": [None]}, {"text": None},
    {"text": "a", "texts": ["b"]}, {}, {"text": "a", "seed": "1"}, {"text": "a", "seed": True},
    {"texts": ["a"], "seeds": [True]}, {"text": "a", "delivery": "s3"}, {"audio": "a"}, [], "text",
    {"text": "a", "instruct": {"a": 1}}, {"text": "a", "seed": 1.5},
])  # fmt: skip
def test_nothing_but_texts_and_numbers_passes(
    upstream: Scripted, before: Proxied, client: httpx.Client, body: object
) -> None:
    answer = client.post(f"{before.console}/api/tts-generate", json=body)
    assert answer.status_code == 400
    assert answer.json()["success"] is False
    assert "/generate" not in upstream.paths()


def test_the_narrow_call_has_a_limit_and_wants_json(before: Proxied, client: httpx.Client) -> None:
    url = f"{before.console}/api/tts-generate"
    assert client.post(url, json={"text": "x" * 262_144}).status_code == 413
    assert client.post(url, content=b'{"text": "x"}').status_code == 415
    assert client.get(url).status_code == 405


@pytest.mark.parametrize("kind", [
    "text/plain", "text/plain;a=json", "text/plain; charset=application/json", "application/json5",
    "application/x-www-form-urlencoded", "", "text/json", ";application/json",
])  # fmt: skip
def test_what_a_browser_posts_without_asking_first_is_not_taken(
    upstream: Scripted, before: Proxied, client: httpx.Client, kind: str
) -> None:
    answer = client.post(f"{before.console}/api/tts-generate", content=b'{"text": "x"}',
                         headers={"Content-Type": kind})  # fmt: skip
    assert answer.status_code == 415
    assert upstream.asked == []


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON ; charset=utf-8"])
def test_json_is_taken_however_its_name_is_written(
    upstream: Scripted, before: Proxied, client: httpx.Client, kind: str
) -> None:
    upstream.on["/generate"] = [done]
    answer = client.post(f"{before.console}/api/tts-generate", content=b'{"text": "x"}',
                         headers={"Content-Type": kind})  # fmt: skip
    assert answer.json() == {"success": True}


def test_a_list_of_voices_passes(upstream: Scripted, before: Proxied, client: httpx.Client) -> None:
    upstream.on["/generate_batch"] = [done]
    url, body = (
        f"{before.console}/api/tts-generate",
        {"texts": ["a", "b"], "voices": ["ryan", None]},
    )
    assert client.post(url, json=body).status_code == 200
    assert json.loads(upstream.of("/generate_batch")[0].body) == body
    assert client.post(url, json={**body, "voices": [1]}).status_code == 400


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"text":' + b"[" * 60_000])
def test_json_that_is_nested_too_deep_is_refused_in_words(
    upstream: Scripted, before: Proxied, client: httpx.Client, body: bytes
) -> None:
    upstream.on["/generate"] = [done]
    headers = {"Content-Type": "application/json"}
    narrow = client.post(f"{before.console}/api/tts-generate", content=body, headers=headers)
    assert (narrow.status_code, narrow.json()["error"]) == (400, "The body is not valid JSON.")
    answer = client.post(f"{before.speech}/generate", content=body, headers=headers)
    assert answer.json() == {"success": True}
    assert before.proxy.calls.shown()[0]["items"] is None


def done(line: Line) -> None:
    line.tell(200, {"success": True})
