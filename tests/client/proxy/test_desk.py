"""The proxy's own port: the console, how everything stands, and narrow calls for backends."""

from __future__ import annotations

import io
import json
import wave
from typing import Any

import httpx
import pytest

from gpuvoice.proxy.calls import KEPT, Calls, items_in
from gpuvoice.proxy.pages import file_of_console
from gpuvoice.proxy.refused import Refused
from tests import web
from tests.client.proxy.running import SECRET, Proxied, proxy_before
from tests.client.proxy.scripted import Line, Scripted
from tests.patience import until
from tests.servers import Running

soundfile = pytest.importorskip("soundfile")


def status(proxied: Proxied) -> Any:
    return web.get(f"{proxied.console}/api/status", trust_env=False).json()


def test_the_status_says_who_is_there(proxied: Proxied, keyed_servers: Running) -> None:
    found = status(proxied)
    assert (found["success"], found["mode"]) == (True, "cloud")
    assert found["upstream"]["speech"] == keyed_servers.tts
    assert found["formats"] == ["wav", "flac", "mp3", "ogg"]
    assert found["speech"]["health"]["engine"] == "qwen3-tts"
    assert found["recognition"]["ready"] is True
    assert found["power"] == {
        "available": False, "state": "on", "eta_seconds": None, "error": None,
    }  # fmt: skip


def test_user_information_of_a_url_is_a_key_and_is_never_shown(
    keyed_servers: Running, client: httpx.Client
) -> None:
    url = keyed_servers.tts.replace("://", f"://key:{SECRET}@")
    with proxy_before(url, keyed_servers.whisperx, key="") as proxied:
        answer = client.post(f"{proxied.speech}/generate", json={"text": "x"})
        assert answer.json()["success"] is True
        assert SECRET not in json.dumps(status(proxied))


def test_the_power_switch_stands_in_the_status_as_it_answers(
    upstream: Scripted, before: Proxied
) -> None:
    told = {"success": True, "state": "starting", "eta_seconds": 90, "slots": {"blue": {}}}
    upstream.on["/power/status"] = [lambda line: line.tell(200, told)]
    power = status(before)["power"]
    assert power["available"] is True
    assert (power["state"], power["eta_seconds"], power["slots"]) == ("starting", 90, {"blue": {}})
    assert "success" not in power


def test_a_power_switch_that_refuses_the_key_says_so(upstream: Scripted, before: Proxied) -> None:
    refusal = {"success": False, "error": "A valid key is needed."}
    upstream.on["/power/status"] = [lambda line: line.tell(401, refusal)]
    power = status(before)["power"]
    assert (power["state"], power["error"]) == ("unknown", "A valid key is needed.")


def test_whoever_does_not_answer_does_not_hold_the_status_up(
    upstream: Scripted, before: Proxied
) -> None:
    def silent(line: Line) -> None:
        line.gone()

    for path in ("/health", "/power/status"):
        upstream.on[path] = [silent]
    found = web.get(f"{before.console}/api/status", timeout=3.5, trust_env=False).json()
    assert "in time" in found["speech"]["error"]
    assert found["power"]["state"] == "unknown"
    assert found["power"]["error"]


def test_the_servers_hear_of_it_once_for_many_who_look(upstream: Scripted, before: Proxied) -> None:
    upstream.on["/health"] = [lambda line: line.tell(200, {"model_loaded": True})]
    for _ in range(10):
        status(before)
        web.get(f"{before.console}/badge.svg", trust_env=False)
    assert len(upstream.of("/power/status")) <= 2


def test_before_the_servers_of_this_machine_it_is_on_or_not(keyed_servers: Running) -> None:
    with proxy_before(keyed_servers.tts, keyed_servers.whisperx, local=True) as proxied:
        found = status(proxied)
        assert (found["mode"], found["power"]["state"]) == ("local", "on")
        assert found["power"]["available"] is False
        for port in (proxied.speech, proxied.recognition):
            with pytest.raises(httpx.ConnectError):
                web.get(f"{port}/health", trust_env=False)
        answer = web.post(f"{proxied.console}/api/power/start", json={}, trust_env=False)
        assert (answer.status_code, "no power switch" in answer.json()["error"]) == (404, True)


def test_before_servers_that_are_not_there_it_is_asleep(upstream: Scripted) -> None:
    with proxy_before("http://127.0.0.1:9", local=True) as proxied:
        found = status(proxied)
    assert found["power"]["state"] == "asleep"
    assert found["speech"]["ready"] is False
    assert found["speech"]["error"].startswith("No answer from")


def test_the_last_calls_are_listed_without_what_was_said(
    proxied: Proxied, client: httpx.Client
) -> None:
    client.post(f"{proxied.speech}/generate_batch", json={"texts": ["secret lunch", "b", "c"]})
    client.post(f"{proxied.speech}/generate", json={"text": ""})
    client.post(f"{proxied.console}/tts/generate", json={"text": "x"},
                headers={"Origin": proxied.console})  # fmt: skip
    found = status(proxied)["calls"]
    newest, bad, batch = found[:3]
    assert (newest["call"], newest["from"], newest["items"]) == ("/generate", "console", 1)
    assert (bad["state"], bad["status"], bad["from"]) == ("failed", 400, "client")
    assert bad["error"].startswith("text")
    assert (batch["state"], batch["items"], batch["status"]) == ("done", 3, 200)
    assert batch["queue_position"] == 0
    assert batch["queue_wait_seconds"] >= 0
    assert batch["seconds"] > 0
    assert "secret lunch" not in json.dumps(found)


def test_fifty_calls_are_kept() -> None:
    calls = Calls()
    for _ in range(KEPT + 5):
        calls.begin("/generate", "client").end("done")
    assert len(calls.shown()) == KEPT
    assert calls.shown()[0]["id"] == f"call-{KEPT + 5}"


@pytest.mark.parametrize(("body", "items"), [
    (b'{"text": "x"}', 1), (b'{"texts": ["a", "b"]}', 2), (b'{"items": [{}]}', 1),
    (b'{"audios": []}', 0), (b"[]", None), (b"{", None), (b"\xff", None),
])  # fmt: skip
def test_items_are_counted_where_they_can_be(body: bytes, items: int | None) -> None:
    assert items_in(body) == items


@pytest.mark.parametrize(("name", "kind"), [("flac", "FLAC"), ("mp3", "MP3"), ("ogg", "OGG")])
def test_a_wav_is_converted(before: Proxied, client: httpx.Client, name: str, kind: str) -> None:
    wav = io.BytesIO()
    with wave.open(wav, "wb") as made:
        made.setparams((1, 2, 24000, 0, "NONE", ""))
        made.writeframes((b"\x00\x10" * 50 + b"\x00\xf0" * 50) * 720)
    answer = client.post(f"{before.console}/api/convert?format={name}", content=wav.getvalue(),
                         headers={"Content-Type": "audio/wav"})  # fmt: skip
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("audio/")
    found = soundfile.info(io.BytesIO(answer.content))
    assert (found.format, found.samplerate) == (kind, 24000)
    assert found.duration == pytest.approx(3, abs=0.1)


def test_what_is_no_audio_is_refused_in_words(before: Proxied, client: httpx.Client) -> None:
    for query, body in (("format=flac", b"no audio"), ("format=exe", b"x"), ("", b"x")):
        answer = client.post(f"{before.console}/api/convert?{query}", content=body)
        assert answer.status_code == 400
        assert answer.json()["error"]


def test_the_console_is_served_so_that_it_loads_nothing_from_elsewhere(
    before: Proxied, client: httpx.Client
) -> None:
    answer = client.get(f"{before.console}/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-cache"
    script = client.get(f"{before.console}/console/api.js")
    assert script.headers["Content-Type"].startswith("text/javascript")


@pytest.mark.parametrize("path", [
    "/console/../proxy/settings.py", "/console/%2e%2e/proxy/settings.py", "/console//etc/passwd",
    "/console/..%2fproxy%2fsettings.py", "/console/missing.js", "/nothing", "/console/%00",
    "/console/..%5cproxy%5csettings.py",
])  # fmt: skip
def test_no_other_file_is_given(before: Proxied, client: httpx.Client, path: str) -> None:
    url = httpx.URL(before.console).copy_with(raw_path=path.encode())
    answer = client.get(url)
    assert answer.status_code in (400, 404)
    assert answer.json()["success"] is False


def test_the_badge_shows_the_state(upstream: Scripted, before: Proxied) -> None:
    told = {"success": True, "state": "quiet"}
    upstream.on["/power/status"] = [lambda line: line.tell(200, told)]
    until(lambda: "quiet hours" in web.get(f"{before.console}/badge.svg", trust_env=False).text)
    assert "__" not in web.get(f"{before.console}/badge.svg", trust_env=False).text


@pytest.mark.parametrize("name", ["../proxy/settings.py", "a/../../errors.py", "", "/etc/passwd"])
def test_the_consoles_files_are_looked_for_nowhere_else(name: str) -> None:
    with pytest.raises(Refused, match="no such file"):
        file_of_console(name)
