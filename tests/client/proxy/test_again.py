"""What today's clients do not do: a call that a server could not take is sent again."""

from __future__ import annotations

import gzip
import json

import httpx
import pytest

from tests import web
from tests.client.proxy.raw import open_call, read_parts, split
from tests.client.proxy.running import SECRET, Proxied, proxy_before
from tests.client.proxy.scripted import HTML, Line, Script, Scripted, ready, scripted
from tests.client.proxy.sleeping import later

DONE = {"success": True, "audio": "UklGRg=="}
BUSY = {"success": False, "error": "The queue is full."}
BODY = {"text": "x" * 3_000_000}


def done(line: Line) -> None:
    line.tell(200, DONE)


def busy(line: Line) -> None:
    line.tell(503, BUSY, Retry_After="1")


def full(line: Line) -> None:
    line.tell(429, BUSY, Retry_After="1")


def html(status: int) -> Script:
    return lambda line: line.say(status, HTML, Content_Type="text/html")


def cut(line: Line) -> None:
    line.cut()


def cut_after_white_space(line: Line) -> None:
    line.begin(200, Content_Type="application/json", Transfer_Encoding="chunked")
    line.part(b" ")
    line.part(b" ")
    line.cut()


def cut_in_the_length(line: Line) -> None:
    line.begin(200, Content_Type="application/json", Content_Length="1000")
    line.cut()


@pytest.mark.parametrize("first", [
    busy, full, html(503), html(502), html(504), html(413), cut, cut_after_white_space,
    cut_in_the_length,
])  # fmt: skip
def test_the_whole_body_is_sent_again_until_it_is_answered(
    upstream: Scripted, before: Proxied, client: httpx.Client, first: Script
) -> None:
    upstream.on["/generate"] = [first, done]
    answer = client.post(f"{before.speech}/generate", json=BODY)
    assert (answer.status_code, answer.json()) == (200, DONE)
    bodies = [asked.body for asked in upstream.of("/generate")]
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]
    assert len(bodies[0]) > len(BODY["text"])
    assert all(asked.headers["x-api-key"] == SECRET for asked in upstream.asked)


def test_the_load_balancers_413_is_sent_again_only_once_the_gpu_is_awake(
    upstream: Scripted, before: Proxied
) -> None:
    def asleep(line: Line) -> None:
        line.tell(503, {"state": "asleep", "eta_seconds": 300, "error": "It is asleep."},
                  Retry_After="300")  # fmt: skip

    upstream.on["/generate"] = [html(413), done]
    upstream.on["/ready"] = [ready, asleep, asleep, ready]
    answer = later(f"{before.speech}/generate", BODY).result()
    assert answer.json() == DONE
    assert upstream.paths() == ["/ready", "/generate", "/ready", "/ready", "/ready", "/generate"]


def test_a_body_that_is_too_large_for_an_awake_one_is_refused_in_words(
    upstream: Scripted, before: Proxied, client: httpx.Client
) -> None:
    upstream.on["/generate"] = [html(413)]
    answer = client.post(f"{before.speech}/generate", json=BODY)
    assert answer.status_code == 413
    assert "too large" in answer.json()["error"]
    assert len(upstream.of("/generate")) == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 415, 500])
def test_what_waiting_does_not_change_is_passed_on_at_once(
    upstream: Scripted, before: Proxied, client: httpx.Client, status: int
) -> None:
    upstream.on["/generate"] = [lambda line: line.tell(status, BUSY)]
    answer = client.post(f"{before.speech}/generate", json={"text": "x"})
    assert (answer.status_code, answer.json()) == (status, BUSY)
    assert len(upstream.of("/generate")) == 1


def test_a_busy_server_that_names_more_than_a_minute_is_for_the_caller_to_decide(
    upstream: Scripted, before: Proxied, client: httpx.Client
) -> None:
    upstream.on["/generate"] = [lambda line: line.tell(429, BUSY, Retry_After="600")]
    answer = client.post(f"{before.speech}/generate", json={"text": "x"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")


def test_a_call_that_breaks_the_server_each_time_is_given_up(
    upstream: Scripted, before: Proxied, client: httpx.Client
) -> None:
    upstream.on["/generate"] = [cut]
    answer = client.post(f"{before.speech}/generate", json={"text": "x"})
    assert "3 times" in answer.json()["error"]
    assert (answer.json()["success"], len(upstream.of("/generate"))) == (False, 3)


def test_an_answer_that_breaks_after_a_part_of_it_went_out_breaks_here_too(
    upstream: Scripted, before: Proxied
) -> None:
    def half(line: Line) -> None:
        line.begin(200, Content_Type="application/json", Transfer_Encoding="chunked")
        line.part(b' {"success": true, "audio": "Ukl')
        line.cut()

    upstream.on["/generate"] = [half]
    parts = read_parts(open_call(f"{before.speech}/generate", {"text": "x"}))
    _, _, chunks = split(b"".join(part.data for part in parts))
    assert chunks[-1] != b""
    assert len(upstream.of("/generate")) == 1
    with pytest.raises(httpx.RemoteProtocolError):
        web.post(f"{before.speech}/generate", json={"text": "x"}, trust_env=False)


def test_a_refusal_after_signs_of_life_keeps_its_sentence_and_status(
    upstream: Scripted, before: Proxied, client: httpx.Client
) -> None:
    upstream.on["/generate"] = [
        cut_after_white_space,
        lambda line: line.tell(400, {"success": False, "error": "text: is empty."}),
    ]
    answer = client.post(f"{before.speech}/generate", json={"text": ""})
    assert answer.status_code == 200
    assert answer.json() == {"success": False, "error": "text: is empty.", "status": 400}


def test_what_follows_our_own_signs_of_life_is_not_compressed(
    upstream: Scripted, before: Proxied, client: httpx.Client
) -> None:
    packed = gzip.compress(json.dumps(DONE).encode())
    upstream.on["/generate"] = [
        cut_after_white_space, lambda line: line.say(200, packed, Content_Encoding="gzip"),
    ]  # fmt: skip
    assert client.post(f"{before.speech}/generate", json={"text": "x"}).json() == DONE


def test_a_packed_answer_that_cannot_be_unpacked_is_one_that_was_lost(
    upstream: Scripted, before: Proxied, client: httpx.Client
) -> None:
    upstream.on["/generate"] = [
        cut_after_white_space, lambda line: line.say(200, b"no gzip", Content_Encoding="gzip"),
        done,
    ]  # fmt: skip
    assert client.post(f"{before.speech}/generate", json={"text": "x"}).json() == DONE
    assert len(upstream.of("/generate")) == 3


def test_nobody_at_the_address_is_told_soon_and_in_words(client: httpx.Client) -> None:
    with scripted() as gone:
        pass
    with proxy_before(gone.url, heartbeat_seconds=30) as proxied:
        for method, path in (("POST", "/generate"), ("GET", "/health"), ("GET", "/docs"),
                             ("GET", "/power/status")):  # fmt: skip
            answer = client.request(method, proxied.speech + path)
            assert answer.status_code == 502
            assert answer.json()["error"].startswith(f"No answer from {gone.url}")
            assert SECRET not in answer.text
