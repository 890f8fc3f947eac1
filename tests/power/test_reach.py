"""The function inside the VPC, against a real HTTP server."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from power.reach import handler
from tests.servers import free_ports

KEY = "gv_very-secret"


@contextmanager
def server(status: int, body: bytes) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Its address, and what it was sent."""
    seen: list[dict[str, Any]] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen.append({"path": self.path, "body": text, "headers": dict(self.headers)})
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST

        def log_message(self, *parts: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_address[1]}", seen
    finally:
        http.shutdown()
        thread.join()
        http.server_close()


def call(url: str, server: str = "tts", body: object = None) -> dict[str, Any]:
    return {"server": server, "method": "GET" if body is None else "POST", "url": url, "body": body}


def test_a_call_carries_the_key_and_the_header_that_no_page_can_send() -> None:
    with server(200, b'{"success": true}') as (url, seen):
        calls = [call(f"{url}/internal/drain", body={"seconds": 120})]
        answers = handler({"key": KEY, "calls": calls}, None)
    assert answers == [{"server": "tts", "status": 200, "body": {"success": True}}]
    assert json.loads(seen[0]["body"]) == {"seconds": 120}
    headers = {name.lower(): value for name, value in seen[0]["headers"].items()}
    assert headers["x-api-key"] == KEY
    assert headers["x-voice-internal"] == "1"


@pytest.mark.parametrize("status", [401, 409, 503])
def test_a_refusal_is_an_answer(status: int) -> None:
    with server(status, b'{"error": "busy"}') as (url, _):
        answers = handler({"key": KEY, "calls": [call(url)]}, None)
    assert answers == [{"server": "tts", "status": status, "body": {"error": "busy"}}]


def test_a_server_that_is_not_there_spoils_no_other_s_answer() -> None:
    (nobody,) = free_ports(1)
    with server(200, b"{}") as (url, _):
        calls = [call(f"http://127.0.0.1:{nobody}/"), call(url, "whisperx")]
        absent, there = handler({"key": KEY, "calls": calls}, None)
    assert absent["server"] == "tts"
    assert "status" not in absent
    assert there["status"] == 200


def test_what_is_no_json_is_no_body() -> None:
    with server(200, b"<html>") as (url, _):
        assert handler({"key": KEY, "calls": [call(url)]}, None)[0]["body"] is None


def test_nothing_to_call_is_no_answer() -> None:
    assert handler({"key": KEY, "calls": []}, None) == []


def test_the_key_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with server(200, b"{}") as (url, _), caplog.at_level("INFO"):
        handler({"key": KEY, "calls": [call(url)]}, None)
    assert caplog.text
    assert KEY not in caplog.text
