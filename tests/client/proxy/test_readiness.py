"""What `/ready` answers: some of it is worth waiting for, the rest is told at once."""

from __future__ import annotations

import httpx
import pytest

from tests import web
from tests.client.proxy.running import SECRET, Proxied, proxy_before
from tests.client.proxy.scripted import Line, Script, Scripted, ready

DONE = {"success": True, "audio": "UklGRg=="}


def done(line: Line) -> None:
    line.tell(200, DONE)


def html(status: int, **headers: str) -> Script:
    given = {"Content_Type": "text/html", **headers}
    return lambda line: line.say(status, b"<html>no</html>", **given)


def call(proxied: Proxied, path: str = "/generate") -> httpx.Response:
    return web.post(proxied.speech + path, json={"text": "x"}, trust_env=False, timeout=60)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_passes_is_waited_for(upstream: Scripted, before: Proxied, status: int) -> None:
    upstream.on["/ready"] = [html(status)] * 5 + [ready]
    upstream.on["/generate"] = [done]
    answer = call(before)
    assert (answer.status_code, answer.json()) == (200, DONE)
    assert len(upstream.of("/generate")) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 410, 500, 501])
def test_what_waiting_does_not_change_is_told_at_once(
    upstream: Scripted, before: Proxied, status: int
) -> None:
    upstream.on["/ready"] = [html(status)]
    answer = call(before)
    wants_key = status in (401, 403)
    assert answer.status_code == (status if wants_key else 502)
    error = answer.json()["error"]
    assert ("TTS_API_KEY" in error) is wants_key
    assert str(status) in error
    assert upstream.paths() == ["/ready"]
    assert SECRET not in answer.text


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_told_with_the_url_to_write_and_not_followed(
    upstream: Scripted, status: int
) -> None:
    def moved(line: Line) -> None:
        line.say(status, b"", Location=f"https://gpu.example.com{line.asked.path}")

    paths = ("/ready", "/generate", "/health", "/power/status", "/power/stop")
    for path in paths:
        upstream.on[f"/tts{path}"] = [moved]
    url = f"{upstream.url}/tts"
    with proxy_before(url, power=f"{url}/power") as proxied:
        told = [call(proxied, "/generate")]
        assert upstream.of("/tts/generate") == []
        told.append(call(proxied, "/power/stop"))
        told += [web.get(proxied.speech + each, trust_env=False)
                 for each in ("/health", "/power/status")]  # fmt: skip
        assert [each.status_code for each in told] == [502] * 4
        for answer, power in zip(told, ("", "/power", "", "/power"), strict=True):
            said = f"The server redirects to https://gpu.example.com/tts{power}; write that URL"
            assert answer.json()["error"].startswith(said)
        upstream.on["/tts/ready"] = [ready]
        assert "redirects to https://gpu.example.com/tts;" in call(proxied).json()["error"]
    assert SECRET not in "".join(answer.text for answer in told)


def test_a_load_balancer_without_a_server_is_not_taken_for_calls_that_were_lost(
    upstream: Scripted,
) -> None:
    upstream.on["/ready"] = [html(502)]
    with proxy_before(upstream.url, gone_seconds=2, never_there_seconds=0.1) as proxied:
        answer = call(proxied)
    assert answer.json()["error"].startswith("Nobody answers behind the load balancer there (502)")
    assert "lost" not in answer.json()["error"]
    assert len(upstream.of("/ready")) > 2
    assert upstream.of("/generate") == []


def test_calls_that_a_load_balancer_lost_each_time_are_told_as_that(
    upstream: Scripted, before: Proxied
) -> None:
    upstream.on["/generate"] = [html(504)]
    error = call(before).json()["error"]
    assert "behind the load balancer there (504)" in error
    assert "sent 3 times and lost each time" in error
    assert "busy" not in error


def test_the_connection_that_was_asked_on_carries_the_call(
    upstream: Scripted, before: Proxied
) -> None:
    connections: dict[str, object] = {}

    def noting(script: Script) -> Script:
        def noted(line: Line) -> None:
            connections[line.asked.path] = line.peer
            script(line)

        return noted

    upstream.on["/ready"], upstream.on["/generate"] = [noting(ready)], [noting(done)]
    call(before)
    assert connections["/ready"] == connections["/generate"]
