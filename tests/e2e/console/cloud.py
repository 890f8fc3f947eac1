"""A deployment on this machine: the true front and controller of `lambdas/power`, the real servers.

Only AWS is played: machines that start when the test says so (tests/power/world.py), and a load
balancer that asks the front while the sleep rule stands and the servers otherwise.
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from power.look import Controller, Plan
from power.model import STAGES, Phase, SlotRecord
from power.ports import SleepRule, SlotState
from tests import web
from tests.e2e.console.serving import serving
from tests.power.house import House
from tests.power.world import World
from tests.servers import Running

METHODS = ["GET", "POST", "DELETE", "HEAD", "OPTIONS"]


class Machines(World):
    """A world whose starts go through the stages that the test lets them reach."""

    def __init__(self) -> None:
        super().__init__()
        self.reached: dict[str, float] = {}

    def state(self, slot: str, record: SlotRecord) -> SlotState:
        return replace(super().state(slot, record), stages=dict(self.reached))


@dataclass
class Cloud:
    """`seconds_ago`: how far its clock is behind the browser's; the test moves it on."""

    house: House
    servers: Running
    seconds_ago: float = 3000
    world: Machines = field(default_factory=Machines)
    url: str = ""
    broken: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self.house.clock.now = time.time() - self.seconds_ago
        self.look(0)

    def look(self, after_seconds: float = 60) -> Phase:
        """The controller's look, so much later; the phase of blue then."""
        with self._lock:
            self.house.clock.now += after_seconds
            self.world.now = self.house.clock.now
            self.house.woken.clear()
            assert self.house.made is not None
            plan = Plan(
                policy=self.house.made.settings.policy,
                prices=dict.fromkeys(self.world.slots, (0.526, 0.752)),
                spot=dict.fromkeys(self.world.slots, False),
                quiet=lambda now: self.world.is_quiet,
            )
            Controller(
                self.world, self.world, self.house.store, plan,
                clock=self.house.clock, journal=self.world,
            ).look()  # fmt: skip
            return self.house.store.read().records["blue"].phase

    def reach(self, stage: str, after_seconds: float) -> None:
        """A start reaches this stage, so much later."""
        self.world.reached[stage] = self.house.clock.now + after_seconds
        self.look(after_seconds)

    def warm(self, after_seconds: float = 30) -> None:
        """The servers of the slot are ready, so much later, and were asked something just now."""
        self.world.blue.ready = True
        self.look(after_seconds)
        for server in self.world.blue.servers.values():
            server.last_request_at = self.world.now
        self.world.reached.clear()

    def start(self, seconds: tuple[float, ...] = (48, 12, 95, 4, 21)) -> None:
        """A whole start from being asked to being warm; each stage takes so long."""
        for stage, took in zip(STAGES[1:-1], seconds, strict=True):
            self.reach(stage, took)
        self.warm()

    def is_off(self) -> None:
        """What was being stopped has ended, a minute later."""
        self.world.blue.service = self.world.blue.group = 0
        self.world.blue.instances.clear()
        self.world.blue.ready = False
        self.look()

    @property
    def awake(self) -> bool:
        return SleepRule("live") not in self.world.rules

    def answer_of_front(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Any:
        """The front's answer; whom it wakes looks at once."""
        event = {"httpMethod": method, "path": path, "headers": dict(headers),
                 "body": base64.b64encode(body).decode(), "isBase64Encoded": True,
                 "queryStringParameters": {},
                 "requestContext": {"elb": {"targetGroupArn": "arn"}}}  # fmt: skip
        with self._lock:
            reply = self.house.handle(event)
            if self.house.woken:
                self.look(0)
        return reply


@contextmanager
def open_cloud(house: House, servers: Running) -> Iterator[Cloud]:
    """A deployment that sleeps, at an address of its own."""
    cloud = Cloud(house, servers)
    with serving(_app(cloud)) as url:
        cloud.url = url
        yield cloud


def _app(cloud: Cloud) -> Starlette:
    clients: list[httpx.AsyncClient] = []

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with web.AsyncClient(timeout=600, trust_env=False) as client:
            clients.append(client)
            yield

    async def call(request: Request) -> Response:
        body = await request.body()
        path = request.url.path
        if cloud.broken:
            return Response("<html>Bad Gateway</html>", cloud.broken, media_type="text/html")
        if path.startswith("/power") or not cloud.awake:
            reply = await run_in_threadpool(
                cloud.answer_of_front, request.method, path, request.headers, body
            )
            return Response(reply.text, reply.status, reply.headers)
        base = cloud.servers.tts if path.startswith("/tts") else cloud.servers.whisperx
        headers = {k: v for k, v in request.headers.items() if k in ("content-type", "accept")}
        sent = clients[0].build_request(
            request.method, base + path, content=body or None, headers=headers
        )
        answer = await clients[0].send(sent, stream=True)
        kept = {
            k: v for k, v in answer.headers.items() if k.startswith(("content-", "x-", "retry"))
        }
        return StreamingResponse(answer.aiter_raw(), answer.status_code, kept)

    return Starlette(routes=[Route("/{path:path}", call, methods=METHODS)], lifespan=lifespan)
