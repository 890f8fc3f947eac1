"""What is never sent twice, never sent elsewhere, and whose patience begins anew."""

from __future__ import annotations

import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from gpuvoice import ClientConfig, GpuVoiceError, Power, RequestRefused, ServerFailed, Speech
from gpuvoice.config import FILE_NAME, find_file
from gpuvoice.errors import KeyRefused, Unreachable
from gpuvoice.http import Patience, Server
from gpuvoice.secret import Secret
from tests.client.library.servers import GOOD, Answer, Scripted, busy, scripted

FINE: Answer = (200, {}, GOOD)
LARGE = {"audio": "x" * 1_000_000}
LEASED: Answer = (201, {}, {"success": True, "lease": {"id": "a"}})


def switch(*answers: Answer | Exception) -> tuple[Power, Scripted]:
    transport = Scripted(list(answers))
    return Power(ClientConfig(), transport=transport, sleep=lambda seconds: None), transport


@pytest.mark.parametrize("lost", [httpx.ReadError("cut"), (502, {}, ""), (504, {}, "")])
def test_a_lease_whose_answer_was_lost_is_not_made_twice(lost: Answer | Exception) -> None:
    power, transport = switch(lost, LEASED)
    with pytest.raises(GpuVoiceError):
        power.lease(1)
    assert transport.asked == ["POST /power/lease"]


def test_a_lease_that_was_not_taken_is_asked_for_again() -> None:
    power, transport = switch(busy(), LEASED)
    assert power.lease(1)["lease"]["id"] == "a"
    assert len(transport.asked) == 2


def test_whoever_comes_and_goes_at_both_ends_of_a_start_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr("gpuvoice.http.time.monotonic", lambda: now[0])
    gone: Answer = (502, {}, "<html>")
    call = scripted(gone, *[busy(503, "20")] * 20, gone, FINE, busy_seconds=1800)
    call.server._sleep = lambda seconds: now.__setitem__(0, now[0] + seconds)
    assert call.server.ask("POST", "/generate", {}) == GOOD


def test_nobody_at_all_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("gpuvoice.http.time.monotonic", lambda: now[0])
    call = scripted(*[(502, {}, "<html>")] * 100)
    call.server._sleep = lambda seconds: now.__setitem__(0, now[0] + seconds)
    with pytest.raises(ServerFailed):
        call.server.ask("POST", "/generate", {})
    assert now[0] == pytest.approx(120, abs=5)


def test_a_redirect_is_told_and_the_key_stays_here() -> None:
    moved: Answer = (301, {"Location": "https://user:pass@new.example.com/tts"}, "")
    call = scripted(moved)
    with pytest.raises(RequestRefused, match=r"redirects to https://new\.example\.com/tts\."):
        call.server.ask("POST", "/generate", {})
    assert len(call.transport.asked) == 1


@pytest.mark.parametrize("status", [404, 405])
def test_a_server_without_ready_gets_large_bodies_too(status: int) -> None:
    call = scripted((status, {}, ""), FINE)
    assert call.server.ask("POST", "/transcribe", LARGE) == GOOD
    assert call.transport.asked == ["GET /tts/ready", "POST /tts/transcribe"]


def test_no_proxy_of_the_network_leads_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []

    class Here(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            taken.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"status": "ok"}')

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Here) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        url = f"http://127.0.0.1:{server.server_address[1]}"
        with Speech(ClientConfig(speech_url=url), patience=Patience(0, 0)) as speech:
            assert speech.health() == {"status": "ok"}
        assert taken == ["/health"]
        elsewhere = Server("server", "http://gpu.example.com", Secret("k"))
        with elsewhere, pytest.raises(Unreachable):
            elsewhere.ask("GET", "/health", wait=False)
        assert taken == ["/health"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_that_a_stranger_put_above_is_passed_over(tmp_path: Path) -> None:
    below = tmp_path / "project"
    below.mkdir()
    planted, mine = tmp_path / FILE_NAME, below / FILE_NAME
    planted.write_text('{"server_url": "http://evil.example.com"}')
    assert find_file(below, {"HOME": "/none"}) == planted
    os.chown(planted, 12345, -1)
    assert find_file(below, {"HOME": "/none"}) is None
    mine.write_text("{}")
    os.chown(mine, 4242, -1)
    os.chown(below, 4242, -1)
    # A project that is somebody else's as a whole was chosen by going there.
    assert find_file(below, {"HOME": "/none"}) == mine


def test_without_a_key_that_is_said_and_not_that_it_was_refused() -> None:
    transport = Scripted([(401, {}, {"success": False, "error": "Send X-API-Key."})])
    with pytest.raises(KeyRefused, match="none is set"):
        Server("speech server", "http://server", Secret(), transport=transport).ask("GET", "/a")
    call = scripted((401, {}, {"success": False, "error": "Not valid."}))
    with pytest.raises(KeyRefused, match="refused the key: Not valid"):
        call.server.ask("GET", "/a")


@pytest.mark.parametrize(
    ("url", "words"),
    [("http://127.0.0.1:9", "nobody listens"), ("http://no.such.name.invalid", "Is the")],
)
def test_nobody_there_is_told_in_words(url: str, words: str) -> None:
    with (
        Server("speech server", url, Secret()) as server,
        pytest.raises(Unreachable, match=words) as caught,
    ):
        server.ask("GET", "/health")
    assert "Errno" not in str(caught.value)
