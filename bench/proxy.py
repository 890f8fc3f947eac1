"""What the proxy adds to a call, and what it holds of large bodies.

Direct and proxied calls take turns; the memory is that of the proxy's own process while a body of
100 MB passes, each way. `python -m bench.proxy`; exits 1 beyond a limit.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from tests.servers import free_ports, running_servers

LATENCY_LIMIT_MS = 2.0
MEMORY_LIMIT_MB = 24.0
BODY_MB, PART = 100, bytes(65536)
CALLS = {"health": ("GET", "/health", b""), "generate": ("POST", "/generate", b'{"text": "Yes."}')}
LOOK_SECONDS = 0.01
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Added:
    """Milliseconds of one kind of call at the median; `added_ms` of the pairs' differences."""

    call: str
    direct_ms: float
    proxied_ms: float
    added_ms: float


@dataclass(frozen=True)
class Held:
    """The proxy's memory before and at its highest while a body passed, in MB."""

    way: str
    before_mb: float
    highest_mb: float
    seconds: float

    @property
    def grown_mb(self) -> float:
        return self.highest_mb - self.before_mb


class Warehouse(BaseHTTPRequestHandler):
    """An upstream that takes any body, and gives one of 100 MB where none was sent."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._say(b'{"ready": true}')

    def do_POST(self) -> None:
        length = left = int(self.headers["Content-Length"])
        while left:
            left -= len(self.rfile.read(min(left, 65536)))
        if length > len(PART):
            self._say(b'{"success": true}')
            return
        self.send_response(200)
        self.send_header("Content-Length", str(BODY_MB * 16 * len(PART)))
        self.end_headers()
        for _ in range(BODY_MB * 16):
            self.wfile.write(PART)

    def _say(self, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def warehouse() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Warehouse) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def proxied(speech: str, recognition: str) -> Iterator[tuple[str, int]]:
    """The proxy before these servers, as a process: its URL and its number."""
    ports = dict(zip(("TTS_PORT", "WHISPERX_PORT", "PROXY_PORT"), free_ports(3), strict=True))
    environment = {**os.environ, **{name: str(port) for name, port in ports.items()}}
    command = [sys.executable, "-m", "gpuvoice.cli.proxy", "--json",
               "--tts-url", speech, "--whisper-url", recognition]  # fmt: skip
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())["speech"], process.pid
        finally:
            process.terminate()


def open_to(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=300)


def timed(connection: http.client.HTTPConnection, name: str) -> float:
    """Milliseconds of one call on a connection that is open already."""
    method, path, body = CALLS[name]
    began = time.perf_counter()
    connection.request(method, path, body, JSON)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, answer.status
    return 1000 * (time.perf_counter() - began)


def added(direct: str, proxy: str, name: str, rounds: int) -> Added:
    near, far = open_to(direct), open_to(proxy)
    for _ in range(20):
        timed(near, name), timed(far, name)
    pairs = [(timed(near, name), timed(far, name)) for _ in range(rounds)]
    near.close()
    far.close()
    return Added(
        name,
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(b - a for a, b in pairs),
    )


def held(proxy: str, pid: int, way: str) -> Held:
    process = psutil.Process(pid)
    before = highest = process.memory_info().rss
    done = threading.Event()

    def look() -> None:
        nonlocal highest
        while not done.wait(LOOK_SECONDS):
            highest = max(highest, process.memory_info().rss)

    watcher = threading.Thread(target=look)
    watcher.start()
    began = time.perf_counter()
    try:
        passed = _upload(proxy) if way == "up" else _download(proxy)
    finally:
        done.set()
        watcher.join()
    assert passed, f"the body did not pass {way}"
    return Held(way, before / 1e6, highest / 1e6, time.perf_counter() - began)


def _upload(proxy: str) -> bool:
    connection = open_to(proxy)
    headers = {**JSON, "Content-Length": str(BODY_MB * 16 * len(PART))}
    connection.request("POST", "/transcribe", (PART for _ in range(BODY_MB * 16)), headers)
    answer = connection.getresponse()
    return answer.status == 200 and b"true" in answer.read()


def _download(proxy: str) -> bool:
    connection = open_to(proxy)
    connection.request("POST", "/generate", b"{}", JSON)
    answer = connection.getresponse()
    got = 0
    while part := answer.read(65536):
        got += len(part)
    return got == BODY_MB * 16 * len(PART)


def measure(rounds: int) -> tuple[list[Added], list[Held]]:
    settings = {"VOICE_ENGINE": "clock", "VOICE_CLOCK_SPEED": "1000"}
    with (
        tempfile.TemporaryDirectory() as folder,
        running_servers(Path(folder), settings) as real,
        proxied(real.tts, real.whisperx) as (proxy, _),
    ):
        latencies = [added(real.tts, proxy, name, rounds) for name in CALLS]
    with warehouse() as url, proxied(url, url) as (proxy, pid):
        _upload(proxy), _download(proxy)
        bodies = [held(proxy, pid, way) for way in ("up", "down", "up", "down")]
    return latencies, bodies


def misses(latencies: list[Added], bodies: list[Held]) -> list[str]:
    slow = [f"{one.call} +{one.added_ms:.1f} ms" for one in latencies
            if one.added_ms > LATENCY_LIMIT_MS]  # fmt: skip
    large = [f"{one.way} +{one.grown_mb:.0f} MB" for one in bodies
             if one.grown_mb > MEMORY_LIMIT_MB]  # fmt: skip
    return slow + large


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.proxy", description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    latencies, bodies = measure(given.rounds)
    missed = misses(latencies, bodies)
    if given.json:
        found = {"latency": [asdict(one) for one in latencies],
                 "memory": [asdict(one) for one in bodies], "misses": missed}  # fmt: skip
        print(json.dumps(found, indent=2))
        return 1 if missed else 0
    print(f"{'call':<10} {'direct':>9} {'proxied':>9} {'added':>8}   (median ms)")
    for one in latencies:
        print(f"{one.call:<10} {one.direct_ms:9.2f} {one.proxied_ms:9.2f} {one.added_ms:8.2f}")
    print(f"{BODY_MB} MB    {'before':>9} {'highest':>9} {'grown':>8}   (MB of the proxy)")
    for each in bodies:
        print(f"{each.way:<10} {each.before_mb:9.1f} {each.highest_mb:9.1f} {each.grown_mb:8.1f}"
              f"   in {each.seconds:.1f} s")  # fmt: skip
    print(f"bench.proxy: {'limits missed: ' + '; '.join(missed) if missed else 'limits kept.'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
