"""The two ports are the servers as clients know them, with the key added."""

from __future__ import annotations

import base64
import io
import wave

import httpx
import pytest

from tests.client.proxy.running import SECRET, Proxied
from tests.client.proxy.scripted import Line, Scripted
from tests.servers import Running

TEXT = "Good morning."
HOP = {"Connection": "x-mine, close", "X-Mine": "1", "TE": "trailers"}
KEYS = (
    {"X-API-Key": "wrong"},
    {"Authorization": "Bearer wrong"},
    {"Authorization": "Basic " + base64.b64encode(b"key:wrong").decode()},
)


def test_a_call_without_a_key_is_answered_as_the_server_answers(
    proxied: Proxied, keyed_servers: Running, client: httpx.Client
) -> None:
    assert client.post(f"{keyed_servers.tts}/generate", json={"text": TEXT}).status_code == 401
    answer = client.post(f"{proxied.speech}/generate", json={"text": TEXT, "seed": 3})
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert answer.headers["X-Queue-Position"] == "0"
    assert answer.headers["X-Request-Id"]
    with wave.open(io.BytesIO(base64.b64decode(answer.json()["audio"]))) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (24000, 1)
    direct = client.post(
        f"{keyed_servers.tts}/generate",
        json={"text": TEXT, "seed": 3},
        headers={"X-API-Key": SECRET},
    )
    assert answer.json() == direct.json()


@pytest.mark.parametrize("prefix", ["", "/tts"])
def test_paths_are_those_of_the_server_with_and_without_its_prefix(
    proxied: Proxied, client: httpx.Client, prefix: str
) -> None:
    assert client.get(f"{proxied.speech}{prefix}/health").json()["engine"] == "qwen3-tts"
    assert client.get(f"{proxied.console}/tts/health").json()["engine"] == "qwen3-tts"
    assert client.get(f"{proxied.recognition}/whisperx/health").json()["engine"] == "whisperx"
    assert client.get(f"{proxied.console}/whisperx/health").json()["engine"] == "whisperx"


@pytest.mark.parametrize(("body", "status"), [
    ({"text": ""}, 400), ({"text": "x" * 5001}, 413), ({"words": 1}, 400),
])  # fmt: skip
def test_refusals_of_the_server_come_back_at_once_and_as_they_are(
    proxied: Proxied, keyed_servers: Running, client: httpx.Client, body: object, status: int
) -> None:
    answer = client.post(f"{proxied.speech}/generate", json=body)
    key = {"X-API-Key": SECRET}
    direct = client.post(f"{keyed_servers.tts}/generate", json=body, headers=key)
    assert (answer.status_code, answer.json()) == (status, direct.json())


def test_everything_of_a_request_goes_on_but_what_is_of_the_connection_or_of_this_machine(
    upstream: Scripted, before: Proxied, client: httpx.Client
) -> None:
    upstream.on["/generate?a=%2F&b=1"] = [lambda line: line.tell(200, {"success": True})]
    given = {
        **HOP, "Cookie": "session=1", "Origin": before.console, "Referer": "http://localhost:1/",
        "X-Request-Id": "mine", "X-Deadline-Seconds": "60", "Accept-Encoding": "br, gzip;q=0.5",
        "Content-Type": "application/json", "X-Forwarded-For": "1.2.3.4",
    }  # fmt: skip
    client.post(f"{before.speech}/generate?a=%2F&b=1", content=b'{"text": "x"}', headers=given)
    (asked,) = upstream.of("/generate?a=%2F&b=1")
    assert asked.body == b'{"text": "x"}'
    assert asked.headers["x-api-key"] == SECRET
    assert asked.headers["host"] == upstream.url.removeprefix("http://")
    kept = {"x-request-id": "mine", "x-deadline-seconds": "60", "accept-encoding": "gzip"}
    assert kept.items() <= asked.headers.items()
    dropped = {"x-mine", "te", "cookie", "origin", "referer", "x-forwarded-for", "authorization"}
    assert not dropped & asked.headers.keys()


@pytest.mark.parametrize("own", KEYS)
def test_a_key_of_the_client_is_not_sent_on(
    upstream: Scripted, before: Proxied, client: httpx.Client, own: dict[str, str]
) -> None:
    upstream.on["/generate"] = [lambda line: line.tell(200, {"success": True})]
    client.post(f"{before.speech}/generate", json={"text": "x"}, headers=own)
    (asked,) = upstream.of("/generate")
    assert asked.headers["x-api-key"] == SECRET
    assert "wrong" not in str(asked.headers)
    assert "authorization" not in asked.headers


def test_the_answer_comes_as_the_server_gave_it_but_for_cors_and_cookies(
    upstream: Scripted, before: Proxied, client: httpx.Client
) -> None:
    def gzipped(line: Line) -> None:
        line.say(
            200, b"\x1f\x8b not unpacked", Content_Encoding="gzip", X_Voice_Slot="blue",
            Access_Control_Allow_Origin="*", Set_Cookie="a=1", Connection="X-Hop", X_Hop="1",
        )  # fmt: skip

    upstream.on["/generate"] = [gzipped]
    with client.stream("POST", f"{before.speech}/generate", json={"text": "x"}) as answer:
        assert b"".join(answer.iter_raw()) == b"\x1f\x8b not unpacked"
    assert (answer.headers["Content-Encoding"], answer.headers["X-Voice-Slot"]) == ("gzip", "blue")
    for name in ("Access-Control-Allow-Origin", "Set-Cookie", "X-Hop"):
        assert name not in answer.headers


def test_the_servers_internal_calls_are_not_reached(
    upstream: Scripted, before: Proxied, client: httpx.Client
) -> None:
    for path in ("/internal/drain", "/tts/internal/drain", "//internal/drain", "/%69nternal/drain"):
        answer = client.post(f"{before.speech}{path}", json={})
        assert answer.status_code == 404, path
        assert "success" in answer.text
    assert upstream.asked == []


def test_a_path_that_climbs_is_refused(
    upstream: Scripted, before: Proxied, client: httpx.Client
) -> None:
    for path in ("/tts/%2e%2e/power/stop", "/a/%2E%2E/b"):
        request = httpx.Request("POST", before.console).url.copy_with(raw_path=path.encode())
        assert client.post(request).status_code == 400
    assert upstream.asked == []


def test_the_power_switch_is_on_every_port(
    upstream: Scripted, before: Proxied, client: httpx.Client
) -> None:
    upstream.on["/power/status"] = [lambda line: line.tell(200, {"state": "asleep"})]
    upstream.on["/power/lease/7"] = [lambda line: line.tell(200, {"success": True})]
    for base in (before.speech, before.recognition, before.console, f"{before.console}/api"):
        assert client.get(f"{base}/power/status").json() == {"state": "asleep"}
    assert client.delete(f"{before.console}/api/power/lease/7").status_code == 200
    assert all(asked.headers["x-api-key"] == SECRET for asked in upstream.asked)
    assert upstream.asked[-1].method == "DELETE"
