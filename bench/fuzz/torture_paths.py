"""Wrong methods, and paths that are nearly right."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from bench.fuzz.requests_raw import BROKEN, Allowed, RawRequest, http
from bench.fuzz.torture_bodies import GOOD

METHODS = (
    "GET",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "QUERY",
    "PROPFIND",
    "X-Y",
)
READ = (
    *("/health", "/ready", "/live", "/openapi.json", "/docs", "/internal/activity"),
    *("/jobs", "/v1/models"),
)
ORDERED = ("/internal/drain", "/internal/resume", "/internal/batches")
STRANGE = (
    "//health", "/%2e%2e/health", "/../health", "/./health", "/health/..", "/health%00", "/%00",
    "/%ff%fe", "/%", "/%zz", "/\u00e9", "/health;a=b", "/health%2f", "/HEALTH", "/" + "a" * 3000,
    "/" + "a" * 100_000, "/" + "a/" * 1000, "/health?" + "a=b&" * 500, "/health?%ff=%00",
    "/health#x", "/.git/config", "/..%2f..%2fetc/passwd", "/tts/tts/health",
    "/whisperx/whisperx/health", "/tts//health", "/ttshealth", "/tts", "/tts/", "/whisperx",
    "/internal/../health", "/internal%2factivity", "/static/x", "/favicon.ico",
    "/docs/../internal/activity", "/\\..\\health", "/{path}", "/%0d%0aInjected:%201",
    "/health%0d%0aInjected:%201", "/\u2028", "/health/", "/jobs/", "/jobs/..", "/jobs/%00",
    "/jobs/%2e%2e%2f%2e%2e/results", "/jobs/" + "a" * 3000, "/jobs/x/results?from=-1&from=2",
    "/jobs/x/results?follow=%ff", "/jobs/x/cancel", "/jobs//cancel", "/v1", "/v1/", "/v1/models/",
    "/v1/models/%2e%2e", "/v1/models/a/b/c", "/v1/models/%00%ff", "/v1/../internal/activity",
)  # fmt: skip


def path_requests(host: str, prefix: str, work: Sequence[str]) -> Iterator[RawRequest]:
    internal: dict[str, str | bytes] = {"X-Voice-Internal": "1"}
    for path in (*work, *READ, *ORDERED):
        right = ("GET", "HEAD", "OPTIONS") if path in READ else ("POST", "OPTIONS")
        for method in METHODS:
            if path == "/internal/drain" and method == "POST":
                continue
            body = json.dumps(GOOD[path]).encode() if path in work and method == "POST" else b""
            data = http(host, path, body, internal, method=method)
            allowed = Allowed.PASS if method in right else Allowed.REFUSAL
            yield RawRequest("methods", f"{method} {path}", path, data, allowed, method=method)
    for path in STRANGE:
        for method in ("GET", "POST"):
            data = http(host, path, headers=internal, method=method)
            name = f"{method} {path[:60]}"
            yield RawRequest("paths", name, path, data, Allowed.PASS | BROKEN, method=method)
    for path in work:
        good = json.dumps(GOOD[path]).encode()
        for strange, allowed in {
            f"/{prefix}{path}": Allowed.PASS,
            f"{path}/": Allowed.PASS,
            f"{path}?a=b&%00=%ff": Allowed.PASS,
            f"/{path}": Allowed.PASS,
            f"/{prefix}/{prefix}{path}": Allowed.REFUSAL,
            f"/{prefix}x{path}": Allowed.REFUSAL,
            f"{path}%20": Allowed.REFUSAL,
            f"{path}%00": Allowed.REFUSAL,
            path.upper(): Allowed.REFUSAL,
            f"/internal{path}": Allowed.REFUSAL,
            f"/%2e%2e{path}": Allowed.REFUSAL,
        }.items():
            data = http(host, strange, good)
            yield RawRequest("paths", f"POST {strange}", strange, data, allowed)
