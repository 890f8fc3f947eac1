"""When a call is repeated, and when it is not."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from gpuvoice.errors import (
    GpuVoiceError,
    KeyRefused,
    NotReady,
    RequestRefused,
    ServerFailed,
    Unreachable,
)
from gpuvoice.http import Patience, Server
from gpuvoice.secret import Secret
from gpuvoice.waiting import retry_seconds
from tests.client.library.servers import GOOD, Answer, busy, listening, scripted
from tests.servers import free_ports

FINE: Answer = (200, {}, GOOD)
LARGE = {"audio": "x" * 1_000_000}


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_when_it_says(status: int) -> None:
    call = scripted(busy(status, "7"), busy(status, "0"), FINE)
    assert call.server.ask("POST", "/generate", {"text": "a"}) == GOOD
    assert call.transport.asked == ["POST /tts/generate"] * 3
    assert call.slept == [7, 0.2]


def test_a_start_is_waited_for_through_its_states() -> None:
    states = ["asleep", "starting", "starting", "recovering", "stopping"]
    answers = [busy(503, "300", state=state, eta_seconds=300) for state in states]
    call = scripted(*answers, FINE, busy_seconds=1800)
    assert call.server.ask("POST", "/align", {}) == GOOD
    assert [waiting.state for waiting in call.told] == states
    assert {waiting.eta_seconds for waiting in call.told} == {300}
    # A state may change sooner than was foretold.
    assert set(call.slept) == {30}


@pytest.mark.parametrize("state", ["quiet", "budget", "backoff"])
def test_a_state_that_no_call_ends_is_not_waited_for(state: str) -> None:
    call = scripted(busy(503, "30", state=state))
    with pytest.raises(NotReady, match="Not now") as caught:
        call.server.ask("POST", "/generate", {})
    assert (caught.value.state, call.slept) == (state, [])


def test_patience_ends_before_a_wait_that_would_pass_it() -> None:
    call = scripted(busy(503, "20", eta_seconds=20), busy_seconds=10)
    with pytest.raises(NotReady) as caught:
        call.server.ask("POST", "/generate", {})
    assert (caught.value.eta_seconds, call.slept) == (20, [])


def test_without_waiting_a_busy_server_is_an_error_at_once() -> None:
    call = scripted(busy())
    with pytest.raises(NotReady):
        call.server.ask("GET", "/health", wait=False)
    assert len(call.transport.asked) == 1


def test_a_failure_after_signs_of_life_is_what_its_body_says() -> None:
    late: Answer = (200, {}, '  \n {"success": false, "error": "It was stopped.", "status": 503}')
    call = scripted(late, FINE)
    assert call.server.ask("POST", "/generate", {}) == GOOD
    failed: Answer = (200, {}, ' {"success": false, "error": "out of memory"}')
    with pytest.raises(ServerFailed, match="out of memory"):
        scripted(failed).server.ask("POST", "/generate", {})


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, RequestRefused), (401, KeyRefused), (403, KeyRefused), (404, RequestRefused),
     (413, RequestRefused), (415, RequestRefused), (500, ServerFailed)],
)  # fmt: skip
def test_what_waiting_does_not_help_is_not_repeated(
    status: int, error: type[GpuVoiceError]
) -> None:
    call = scripted((status, {}, "<html>no JSON</html>"))
    with pytest.raises(error) as caught:
        call.server.ask("POST", "/generate", {})
    assert len(call.transport.asked) == 1
    assert "html" not in str(caught.value)


@pytest.mark.parametrize("body", ["", "[]", "<html>", "null"])
def test_a_200_that_holds_no_answer_is_no_success(body: str) -> None:
    with pytest.raises(ServerFailed):
        scripted((200, {}, body)).server.ask("POST", "/generate", {})


@pytest.mark.parametrize("status", [502, 504])
def test_a_load_balancer_whose_target_is_going_is_asked_again(status: int) -> None:
    call = scripted((status, {}, "<html>"), FINE)
    assert call.server.ask("POST", "/generate", {}) == GOOD


def test_a_large_body_is_sent_to_a_server_that_is_known_to_be_awake() -> None:
    ready: Answer = (200, {}, {"ready": True})
    call = scripted(busy(503, "5", state="asleep"), ready, FINE, FINE)
    call.server.ask("POST", "/transcribe", LARGE)
    assert call.transport.asked == ["GET /tts/ready", "GET /tts/ready", "POST /tts/transcribe"]
    call.server.ask("POST", "/transcribe", LARGE)
    assert call.transport.asked[3:] == ["POST /tts/transcribe"]


def test_a_small_body_is_sent_at_once() -> None:
    call = scripted(FINE)
    call.server.ask("POST", "/transcribe", {"audio": "x" * 1000})
    assert call.transport.asked == ["POST /tts/transcribe"]


def test_a_connection_that_was_cut_is_made_again() -> None:
    def cut_the_first(connection: socket.socket, number: int) -> None:
        if number:
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{"success": true}')
        else:
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{"suc')

    slept: list[float] = []
    with listening(cut_the_first) as url, Server("s", url, Secret(), sleep=slept.append) as server:
        assert server.ask("POST", "/generate", {})["success"] is True
    assert len(slept) == 1


def test_nobody_where_nobody_ever_answered_is_an_error_at_once() -> None:
    slept: list[float] = []
    (port,) = free_ports(1)
    with (
        Server("s", f"http://me:s3cret@127.0.0.1:{port}", Secret(), sleep=slept.append) as server,
        pytest.raises(Unreachable, match=r"make run") as caught,
    ):
        server.ask("POST", "/generate", {})
    assert slept == []
    assert "s3cret" not in str(caught.value)


def test_a_server_that_was_there_may_be_restarting() -> None:
    call = scripted(FINE, httpx.ConnectError("refused"), httpx.ConnectError("refused"), FINE)
    call.server.ask("POST", "/generate", {})
    assert call.server.ask("POST", "/generate", {}) == GOOD
    assert call.slept == [2, 2]


def test_a_server_that_stays_gone_is_given_up() -> None:
    call = scripted(FINE, *[httpx.ConnectError("refused")] * 2)
    call.server._patience = Patience(gone_seconds=0)
    call.server.ask("POST", "/generate", {})
    with pytest.raises(Unreachable):
        call.server.ask("POST", "/generate", {})
    assert len(call.transport.asked) == 2


def test_silence_is_not_waited_for_twice() -> None:
    call = scripted(FINE, httpx.ReadTimeout("timed out"))
    call.server.ask("POST", "/generate", {})
    with pytest.raises(Unreachable):
        call.server.ask("POST", "/generate", {})


@pytest.mark.parametrize(
    ("value", "seconds"), [("3", 3), ("1.5", 1.5), ("0", 0.2), (None, 5), ("soon", 5), ("-4", 5)]
)
def test_retry_after_is_read(value: object, seconds: float) -> None:
    assert retry_seconds(value) == seconds


def test_retry_after_may_be_a_date() -> None:
    at = datetime.now(UTC) + timedelta(seconds=100)
    assert 98 < retry_seconds(format_datetime(at, usegmt=True)) <= 100
    assert retry_seconds(format_datetime(at - timedelta(days=1), usegmt=True)) == 0.2
