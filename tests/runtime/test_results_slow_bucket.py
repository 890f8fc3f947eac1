"""A bucket that takes connections and answers nothing, and who must not feel it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator

import pytest

from tests.patience import until
from tests.runtime.conftest import MakeApp
from voicehost.keys import new_key
from voicehost.results import folder
from voicehost.web.gate import BUSY

CLEAR, DIGEST = new_key()
STORED = {"results_bucket": "results", "keys": f"alice={DIGEST}", "aws_region": "us-east-1"}
HEADERS = {"X-API-Key": CLEAR}


class Silence:
    """A server that takes connections and holds them until it is ended."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []
        self._ended = False
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._take, daemon=True).start()

    @property
    def held(self) -> int:
        return len(self._held)

    def end(self) -> None:
        if self._ended:
            return
        self._ended = True
        # Closing alone does not wake a thread that waits in accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._held:
            connection.close()

    def _take(self) -> None:
        while True:
            try:
                self._held.append(self._listener.accept()[0])
            except OSError:
                return


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> Iterator[Silence]:
    server = Silence()
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    yield server
    server.end()


def test_signs_of_life_go_on_while_a_result_is_being_stored(
    silence: Silence, clock_app: MakeApp
) -> None:
    app = clock_app(**STORED, heartbeat_seconds=0.2)
    body = {"texts": ["One."], "delivery": "s3"}
    answer = app.test_client().post("/generate_batch", json=body, headers=HEADERS, buffered=False)
    assert answer.status_code == 200
    parts = iter(answer.iter_encoded())
    until(lambda: silence.held > 0)
    assert [next(parts) for _ in range(4)] == [b" "] * 4
    silence.end()
    said = json.loads(b"".join(parts))
    answer.close()
    assert said["success"] is False
    assert "bucket" in said["error"]


def test_signing_takes_a_place_and_leaves_the_threads_for_health_checks(
    silence: Silence, clock_app: MakeApp
) -> None:
    app = clock_app(**STORED, requests_at_once=1)
    asked = {"ids": [f"{folder('alice')}/{'0' * 32}/0.wav"]}

    def sign() -> tuple[int, str]:
        found = app.test_client().post("/results/sign", json=asked, headers=HEADERS)
        return found.status_code, found.get_json()["error"]

    said: list[tuple[int, str]] = []
    waiting = threading.Thread(target=lambda: said.append(sign()))
    waiting.start()
    until(lambda: silence.held > 0)
    assert sign() == (503, BUSY)
    assert app.test_client().get("/live").status_code == 200
    silence.end()
    waiting.join()
    assert [status for status, _ in said] == [503]
