"""A deployment on loopback: the true front function while its GPU sleeps, the true servers then.

What the controller would do is done here, one step for each call that comes in after a wish.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from power.memory import PastStart
from power.model import STAGES, SlotRecord
from tests import web
from tests.power.house import ALICE, House
from tests.servers import Running

STEP_SECONDS = 40.0
DROPPED = ("transfer-encoding", "connection", "content-length", "date", "server")


@dataclass
class Deployment:
    """`calls` has method and path of each call, in order, `keyed` those with a key; `starts`: a
    wish begins a start; `hurry`: callers are told to come back at once."""

    house: House
    servers: Running
    url: str = ""
    starts: bool = True
    hurry: bool = False
    calls: list[str] = field(default_factory=list)
    keyed: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def environ(self) -> dict[str, str]:
        """What a caller with a key has in its environment."""
        return {
            "TTS_SERVER_URL": f"{self.url}/tts",
            "WHISPER_URL": f"{self.url}/whisperx",
            "TTS_API_KEY": ALICE,
        }

    def put(self, **given: object) -> None:
        plain: dict[str, object] = {"live": True, "main": True, "since": self.house.clock.now - 60}
        self.house.store.put_record("blue", SlotRecord(**{**plain, **given}))  # type: ignore[arg-type]

    def turn_on(self) -> None:
        reached = self._stages(len(STAGES))
        self.put(phase="on", started_at=reached[STAGES[0]], stages=reached)

    def start(self, stages: int) -> None:
        """A start that has reached so many stages."""
        reached = self._stages(stages)
        at = reached[STAGES[0]]
        self.put(phase="starting", started_at=at, asked_at=at, stages=reached)

    def _stages(self, count: int) -> dict[str, float]:
        at = self.house.clock.now - count * STEP_SECONDS
        return {stage: at + n * STEP_SECONDS for n, stage in enumerate(STAGES[:count])}

    def remember_starts(self) -> None:
        """Some that went well, for what is usual."""
        for number, seconds in enumerate((30, 40, 55)):
            base = self.house.clock.now - 1e5 + number
            reached = {stage: base + index * seconds for index, stage in enumerate(STAGES)}
            self.house.store.put_start(PastStart("blue", base, reached))

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        with self._lock:
            self.calls.append(f"{method} {path}")
            if "x-api-key" in headers or "authorization" in headers:
                self.keyed.append(self.calls[-1])
            on = self._one_step()
            if not on or path.startswith("/power"):
                return self._front(method, path, headers, body)
        server = self.servers.tts if path.startswith("/tts") else self.servers.whisperx
        got = web.request(method, server + path, content=body, headers=headers, timeout=60)
        kept = {name: value for name, value in got.headers.items() if name not in DROPPED}
        kept.pop("content-encoding", None)
        return got.status_code, kept, got.content

    def _front(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        event = {
            "httpMethod": method, "path": path, "headers": headers, "body": body.decode(),
            "isBase64Encoded": False, "queryStringParameters": {},
            "requestContext": {"elb": {"targetGroupArn": "arn"}},
        }  # fmt: skip
        reply = self.house.handle(event)
        headers = dict(reply.headers)
        if self.hurry and "Retry-After" in headers:
            headers["Retry-After"] = "0.3"
        return reply.status, headers, reply.text.encode()

    def _one_step(self) -> bool:
        """Whether it is on. A start goes on by one stage."""
        memory = self.house.store.read()
        record = memory.records.get("blue", SlotRecord())
        if record.phase == "on" or not self.starts or not (memory.wishes or memory.leases):
            return record.phase == "on"
        self.house.clock.now += STEP_SECONDS
        stages = dict(record.stages)
        stages[STAGES[len(stages)]] = self.house.clock.now
        began = next(iter(stages.values()))
        phase = "on" if len(stages) == len(STAGES) else "starting"
        self.put(phase=phase, started_at=began, asked_at=began, stages=stages)
        return False


@contextmanager
def deployed(house: House, servers: Running) -> Iterator[Deployment]:
    """The deployment at its URL, until the context ends."""
    deployment = Deployment(house, servers)

    class Handler(BaseHTTPRequestHandler):
        def handle_all(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, more, answer = deployment.answer(self.command, self.path, headers, body)
            self.send_response(status)
            for name, value in {**more, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = do_DELETE = handle_all

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        deployment.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield deployment
        server.shutdown()
