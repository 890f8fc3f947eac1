"""Requests as other programs write them: whole URLs, two lengths, bodies where none belongs."""

from __future__ import annotations

import json
import socket
from urllib.parse import urlsplit

import pytest

from tests.client.proxy.running import Proxied
from tests.client.proxy.scripted import Line, Scripted

TYPE = "Content-Type: application/json"
CHUNKED = '10\r\n{"text": "chunk"}\r\n0\r\n\r\n'


@pytest.fixture(autouse=True)
def _answering(upstream: Scripted) -> None:
    def yes(line: Line) -> None:
        line.tell(200, {"success": True, "model_loaded": True})

    for path in ("/generate", "/health", "/docs", "/docs?a=1"):
        upstream.on[path] = [yes]


def ask(url: str, first: str, *lines: str, body: str = "") -> tuple[int, dict[str, object]]:
    """Status and JSON of a request as it is written here."""
    parts = urlsplit(url)
    host = [] if any(line.startswith("Host:") for line in lines) else ["Host: localhost"]
    head = "\r\n".join([first, *host, "Connection: close", *lines])
    with socket.create_connection(("127.0.0.1", parts.port or 80), timeout=30) as call:
        call.sendall(f"{head}\r\n\r\n{body}".encode())
        answer = b"".join(iter(lambda: call.recv(65536), b""))
    head_of, _, rest = answer.partition(b"\r\n\r\n")
    return int(head_of.split(b" ")[1]), json.loads(rest)


@pytest.mark.parametrize(("target", "path"), [
    ("http://localhost/docs?a=1", "/docs?a=1"), ("HTTPS://127.0.0.1:99/docs", "/docs"),
    ("http://[::1]:5000/health", "/health"),
])  # fmt: skip
def test_a_whole_url_of_this_machine_is_its_path(
    upstream: Scripted, before: Proxied, target: str, path: str
) -> None:
    assert ask(before.speech, f"GET {target} HTTP/1.1")[0] == 200
    assert path in upstream.paths()


@pytest.mark.parametrize("target", [
    "http://evil.example/docs", "http://localhost@evil.example/docs", "http://localhost.x/docs",
    "http://user@localhost/docs", "http:///docs",
])  # fmt: skip
def test_a_whole_url_of_another_host_is_refused_whatever_the_host_header_says(
    upstream: Scripted, before: Proxied, target: str
) -> None:
    for base in (before.speech, before.console):
        status, told = ask(base, f"GET {target} HTTP/1.1")
        assert (status, told["success"]) == (421, False)
    assert ask(before.speech, "GET http://localhost/docs HTTP/1.1", "Host: evil.example")[0] == 421
    assert upstream.asked == []


def test_a_whole_url_is_guarded_as_its_path_is(upstream: Scripted, before: Proxied) -> None:
    near = "Origin: http://localhost:3000"
    first = "POST http://localhost/power/stop HTTP/1.1"
    assert ask(before.speech, first, near, "Content-Length: 0")[0] == 403
    assert upstream.asked == []


@pytest.mark.parametrize("first", [
    "OPTIONS * HTTP/1.1", "GET docs HTTP/1.1", "GET ftp://localhost/docs HTTP/1.1",
    "CONNECT localhost:5000 HTTP/1.1",
])  # fmt: skip
def test_what_is_no_path_is_refused_in_words(
    upstream: Scripted, before: Proxied, first: str
) -> None:
    for base in (before.speech, before.console):
        status, told = ask(base, first)
        assert (status, told["error"]) == (400, "The path of a request begins with /.")
    assert upstream.asked == []


@pytest.mark.parametrize("length", [3, 100])
def test_of_two_lengths_the_one_that_counts_is_sent_on(
    upstream: Scripted, before: Proxied, length: int
) -> None:
    status, told = ask(
        before.speech, "POST /generate HTTP/1.1", TYPE, f"Content-Length: {length}",
        "Transfer-Encoding: chunked", body=CHUNKED.replace("10\r\n", "11\r\n"),
    )  # fmt: skip
    assert (status, told["success"]) == (200, True)
    (asked,) = upstream.of("/generate")
    assert asked.body == b'{"text": "chunk"}'
    assert "content-length" not in asked.headers


@pytest.mark.parametrize("path", ["/health", "/docs"])
def test_a_body_of_a_reading_request_is_not_announced(
    upstream: Scripted, before: Proxied, path: str
) -> None:
    status, _ = ask(before.speech, f"GET {path} HTTP/1.1", TYPE, "Content-Length: 2", body="{}")
    assert status == 200
    (asked,) = upstream.of(path)
    assert not {"content-length", "transfer-encoding", "content-type"} & asked.headers.keys()
