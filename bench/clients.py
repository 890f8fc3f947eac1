"""Many callers at once, each waiting for its answer before it asks again."""

from __future__ import annotations

import http.client
import itertools
import json
import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from urllib.parse import urlsplit

HEALTH_PAUSE_SECONDS = 0.05


@dataclass
class Tally:
    """What all callers got: answers by status, and the units of work that succeeded."""

    statuses: Counter[str] = field(default_factory=Counter)
    units: float = 0.0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return self.units / self.seconds

    @property
    def failures(self) -> int:
        """Everything but a success and an honest 503."""
        return sum(n for status, n in self.statuses.items() if status not in ("200", "503"))


@dataclass(frozen=True)
class Job:
    """One request body, and how many units (seconds of audio) its success is worth."""

    path: str
    body: bytes
    units: float


def call(connection: http.client.HTTPConnection, job: Job) -> str:
    """The status of one request; 'broken' for a 200 that is no success."""
    connection.request("POST", job.path, job.body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    data = answer.read()
    if answer.status == 503:
        time.sleep(min(1.0, float(answer.headers["Retry-After"])))
    if answer.status == 200 and not data.rstrip().endswith(b'"success": true}'):
        return "broken"
    return str(answer.status)


def run_clients(url: str, jobs: Sequence[Job], clients: int, seconds: float) -> Tally:
    """Keep `clients` callers busy for so long; the last answers are waited for and counted."""
    tally = Tally()
    lock = threading.Lock()
    order = itertools.count()
    began = time.perf_counter()

    def caller() -> None:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=300)
        while time.perf_counter() - began < seconds:
            job = jobs[next(order) % len(jobs)]
            try:
                status = call(connection, job)
            except (OSError, http.client.HTTPException) as error:
                status = type(error).__name__
                connection.close()
            with lock:
                tally.statuses[status] += 1
                tally.units += job.units if status == "200" else 0.0
        connection.close()

    threads = [threading.Thread(target=caller) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.seconds = time.perf_counter() - began
    return tally


def _ask_health(url: str, out: Connection) -> None:
    parts = urlsplit(url)
    times: list[float] = []
    while not out.poll(HEALTH_PAUSE_SECONDS):
        began = time.perf_counter()
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        connection.request("GET", "/health")
        good = connection.getresponse().status == 200
        connection.close()
        times.append(time.perf_counter() - began if good else float("inf"))
    out.send(times)


@contextmanager
def health_times(url: str) -> Iterator[list[float]]:
    """Asks `/health` twenty times a second from a process of its own, a new connection each.

    The list that is yielded holds the seconds of each answer once the context has ended.
    """
    times: list[float] = []
    mine, other = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_ask_health, args=(url, other))
    process.start()
    try:
        yield times
    finally:
        mine.send("stop")
        times += mine.recv()
        process.join()


def json_job(path: str, body: object, units: float) -> Job:
    return Job(path, json.dumps(body).encode(), units)
