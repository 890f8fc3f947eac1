"""What the power controller does, from the tests: grant a drain lease, ask what is under way."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.servers import Running

# Requests to this machine must not go through a proxy from the environment.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def get(url: str) -> dict[str, Any]:
    """The JSON at a public address."""
    with _opener.open(url, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def internal(base: str, name: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Call `/internal/<name>` as this machine may."""
    request = urllib.request.Request(
        f"{base}/internal/{name}",
        None if body is None else json.dumps(body).encode(),
        {"X-Voice-Internal": "1", "Content-Type": "application/json"},
    )
    with _opener.open(request, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def drained(running: Running) -> Iterator[None]:
    """Both servers take no new work meanwhile."""
    both = (running.tts, running.whisperx)
    try:
        for base in both:
            internal(base, "drain", {"seconds": 120})
        yield
    finally:
        for base in both:
            internal(base, "resume", {})
