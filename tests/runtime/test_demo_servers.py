"""How the demo asks a server: waits while it is busy, and believes only `success`."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from examples.narration.failures import ServerError, ServerUnreachable
from examples.narration.options import read_options
from examples.narration.servers import USUAL_WAIT_S, SpeechServer, retry_after_s

Answer = tuple[int, dict[str, str], str]
GOOD: Answer = (200, {}, '{"success": true, "count": 1}')


@contextmanager
def answering(*answers: Answer) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server on this machine that gives these answers in turn, and what it was asked."""
    waiting, asked = list(answers), []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            key = self.headers.get("X-API-Key")
            asked.append({"path": self.path, "key": key, "body": json.loads(body)})
            status, headers, text = waiting.pop(0)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(text))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/tts", asked
        server.shutdown()


def speech_server(url: str, said: list[str] | None = None, **settings: Any) -> SpeechServer:
    talk = (said if said is not None else []).append
    settings = {"read_timeout_s": 5.0, "patience_s": 5.0, **settings}
    return SpeechServer("speech", url, talk=talk, **settings)


def test_the_url_may_have_a_prefix_and_the_key_is_sent() -> None:
    with answering(GOOD) as (url, asked):
        speech_server(url + "/", api_key="k1").post("/generate_batch", {"texts": ["a"]})
    assert asked == [{"path": "/tts/generate_batch", "key": "k1", "body": {"texts": ["a"]}}]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(status: int) -> None:
    said: list[str] = []
    busy = (status, {"Retry-After": "0"}, '{"success": false, "error": "the model is loading"}')
    with answering(busy, busy, GOOD) as (url, asked):
        assert speech_server(url, said).post("/align", {})["success"] is True
    assert len(asked) == 3
    assert "the model is loading" in said[0]


def test_patience_ends() -> None:
    busy = (503, {"Retry-After": "60"}, '{"error": "the GPU is waking up"}')
    with answering(busy) as (url, _), pytest.raises(ServerError, match="the GPU is waking up"):
        speech_server(url).post("/align", {})


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ((200, {}, '  \n {"success": false, "error": "out of memory"}'), "out of memory"),
        ((200, {}, '{"count": 3}'), "no reason given"),
        ((401, {}, '{"success": false, "error": "send X-API-Key"}'), "401.*send X-API-Key"),
        ((502, {}, "<html>Bad Gateway</html>"), "502.*Bad Gateway"),
        ((200, {}, "[1]"), "no JSON"),
    ],
)
def test_a_failure_is_shown_as_the_server_words_it(answer: Answer, shown: str) -> None:
    with answering(answer) as (url, _), pytest.raises(ServerError, match=shown):
        speech_server(url).post("/generate_batch", {})


def test_a_server_that_is_not_there_is_said_to_be_so_without_its_password() -> None:
    with answering() as (url, _):
        pass
    with_password = url.replace("http://", "http://key:secret@")
    with pytest.raises(ServerUnreachable, match="make run") as caught:
        speech_server(with_password).health()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("12", 12.0), ("", USUAL_WAIT_S), ("Fri, 31 Dec 1999 23:59:59 GMT", USUAL_WAIT_S)],
)
def test_retry_after_in_seconds_is_honoured(header: str, seconds: float) -> None:
    assert retry_after_s(header) == seconds


def test_the_environment_wins_over_the_command_line() -> None:
    given = ["--tts-url", "http://line", "--whisper-url", "http://line"]
    options = read_options(given, {"TTS_SERVER_URL": "http://env", "TTS_API_KEY": "k"})
    assert (options.tts_url, options.whisper_url) == ("http://env", "http://line")
    assert options.api_key == "k"
    assert "'k'" not in repr(options)
    assert read_options([], {"TTS_PORT": "7000"}).tts_url == "http://localhost:7000"
