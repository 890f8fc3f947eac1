"""The text server without a neighbour, or with one that fails."""

from __future__ import annotations

import http.client
import io
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.runtime.conftest import MakeApp
from tests.servers import free_ports
from voicehost.app import host
from voicehost.errors import EngineFault

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"
SHORT = HEAD + b"Content-Length: 10\r\n\r\nfirst"


def send(client: FlaskClient, *, buffered: bool = True) -> TestResponse:
    form = {"model": "whisper-1", "file": (io.BytesIO(b"RIFF"), "a.wav")}
    return client.post("/v1/audio/transcriptions", data=form, buffered=buffered)


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """Something at this address that reads a request, says this and closes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(20)


def test_without_a_neighbour_a_recording_waits_for_it(clock_app: MakeApp) -> None:
    app = clock_app(neighbour_url=f"http://127.0.0.1:{free_ports(1)[0]}")
    answer = send(app.test_client())
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.get_json()["error"]["type"] == "server_error"
    assert host(app).activity.now().in_flight == 0


def test_without_a_neighbour_its_own_model_alone_is_missing_from_the_list(
    clock_app: MakeApp,
) -> None:
    client = clock_app(neighbour_url=f"http://127.0.0.1:{free_ports(1)[0]}").test_client()
    names = [model["id"] for model in client.get("/v1/models").get_json()["data"]]
    assert "clock/t4" in names
    assert "tts-1" in names
    assert "whisper-1" in names
    assert client.get("/v1/models/clock/t4").get_json()["id"] == "clock/t4"


@pytest.mark.parametrize("answer", [b"", b"no HTTP\r\n\r\n", SHORT])
def test_a_neighbour_that_breaks_off_before_its_answer_is_there_is_a_503(
    clock_app: MakeApp, answer: bytes
) -> None:
    with answering(answer) as url:
        assert send(clock_app(neighbour_url=url).test_client()).status_code == 503


def test_a_neighbour_that_knows_this_server_not_is_no_fault_of_the_caller(
    clock_app: MakeApp,
) -> None:
    with answering(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n") as url:
        answer = send(clock_app(neighbour_url=url).test_client())
    assert answer.status_code == 500
    assert "VOICE_NEIGHBOUR_KEY" in answer.get_json()["error"]["message"]


def test_a_neighbour_that_breaks_off_in_the_middle_breaks_off_here(clock_app: MakeApp) -> None:
    with answering(CHUNKED) as url:
        app = clock_app(neighbour_url=url)
        answer = send(app.test_client(), buffered=False)
        with closing(answer):
            parts = answer.iter_encoded()
            assert next(parts) == b"first"
            with pytest.raises(EngineFault, match="broke off"):
                next(parts)
        assert host(app).activity.now().in_flight == 0


def test_a_long_recording_may_be_listened_to_in_silence_until_its_deadline(
    clock_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    silences: list[float | None] = []
    get = http.client.HTTPConnection.getresponse

    def seen(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
        silences.append(connection.sock.gettimeout())
        return get(connection)

    monkeypatch.setattr(http.client.HTTPConnection, "getresponse", seen)
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") as url:
        app = clock_app(neighbour_url=url, deadline_seconds=3000)
        assert send(app.test_client()).status_code == 200
    assert (silences[0] or 0.0) > 2900


def test_a_silent_neighbour_is_left_at_the_deadline(clock_app: MakeApp) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        answer = send(clock_app(neighbour_url=url, deadline_seconds=0.2).test_client())
    assert answer.status_code == 503
    assert "deadline" in answer.get_json()["error"]["message"]


@pytest.mark.parametrize("answer", [b"[1]", b'{"data": [{}]}', b"nothing"])
def test_a_neighbour_that_lists_nonsense_is_passed_over(clock_app: MakeApp, answer: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer)
    with answering(head + answer) as url:
        listed = clock_app(neighbour_url=url).test_client().get("/v1/models")
        names = [model["id"] for model in listed.get_json()["data"]]
        assert names[0] == "clock/t4"
        assert {"tts-1", "whisper-1"} <= set(names)
