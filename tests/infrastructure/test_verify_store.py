"""What is verified before a swap is the model itself, not what the other slot left in the store."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from operate.verify.door import SlotDoor


class Door(BaseHTTPRequestHandler):
    """Notes the `Cache-Control` of each call."""

    asked: list[str | None]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append(self.headers["Cache-Control"])
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *given: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    Door.asked = []
    with HTTPServer(("127.0.0.1", 0), Door) as made:
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


def test_calls_to_the_idle_slot_leave_the_store_out(server: HTTPServer) -> None:
    door = SlotDoor(f"http://127.0.0.1:{server.server_port}", "key", "green")
    for path in ("/tts/generate_batch", "/whisperx/transcribe_batch", "/whisperx/align_batch"):
        assert door.post(path, {}).status == 200
    assert Door.asked == ["no-store"] * 3
