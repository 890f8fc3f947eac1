"""Requests whose length, chunks or first lines are wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from bench.fuzz.requests_raw import ANYTHING, BROKEN, Allowed, RawRequest, http
from bench.fuzz.torture_bodies import GOOD

LENGTHS = ("abc", "-1", "1e3", "", "0x10", "+5", "5 5", "5, 6", "\u0665", "9" * 30)
CHUNKS: tuple[bytes, ...] = (
    b"zz\r\n{}\r\n0\r\n\r\n", b"5\r\n{}\r\n0\r\n\r\n", b"-1\r\n{}\r\n0\r\n\r\n", b"\r\n",
    b"2\n{}\n0\n\n", b"2\r\n{}0\r\n\r\n", b"ffffffffffffffffff\r\n{}", b"2\r\n{}\r\n",
    b"0x2\r\n{}\r\n0\r\n\r\n", b"2 \r\n{}\r\n0\r\n\r\n", b"2;a=\r\n{}\r\n0\r\n\r\n",
    b"2\r\n{}\r\n0\r\nA\r\n\r\n", b"", b"2", b"1" * 5000,
)  # fmt: skip
CODINGS = (
    "gzip", "chunked, gzip", "gzip, chunked", "identity", "Chunked ", "xchunked", "",
    "chunked, chunked",
)  # fmt: skip
FIRST_BYTES: tuple[bytes, ...] = (
    b"", b"\r\n\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\n", b"get /health HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x00" * 100,
    b"\x16\x03\x01\x02\x00\x01\x00\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET  /health HTTP/1.1\r\n\r\n", b"GET /health HTTP/1.1 x\r\n\r\n",
    b"GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n", b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost localhost\r\n\r\n", b"GET /health HTTP/1.1\r\n: a\r\n\r\n",
    b"GET /health HTTP/1.1\r\nA B: c\r\n\r\n", b"G\xc9T / HTTP/1.1\r\n\r\n",
    b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", b"A" * 20_000,
    b"GET /health HTTP/1.1\r\n a: folded\r\n\r\n", b"GET /health HTTP/1.1\nHost: localhost\n\n",
    b"GET http://localhost/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET //localhost:x/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET http://[/health HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET ?a HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET # HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"POST /generate HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\nGET /health HTTP/1.1\r\n\r\n",
)  # fmt: skip


def framing_requests(host: str, paths: Sequence[str]) -> Iterator[RawRequest]:
    for number, first in enumerate(FIRST_BYTES):
        yield RawRequest("framing", f"first bytes {number}", "", first, ANYTHING, True, "GET")
    for path in paths:
        good = json.dumps(GOOD[path]).encode()
        size = len(good)

        def made(
            name: str, headers: str, body: bytes, allowed: Allowed, path: str = path
        ) -> RawRequest:
            head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            data = (head + headers + "\r\n").encode() + body
            return RawRequest("framing", f"{name} to {path}", path, data, allowed, True)

        yield made("short body", f"Content-Length: {size + 10}\r\n", good, BROKEN)
        yield made("huge length", f"Content-Length: {10**12}\r\n", good, BROKEN)
        yield made("256 MiB and a byte", f"Content-Length: {2**28 + 1}\r\n", good, BROKEN)
        yield made("cut body", f"Content-Length: {size - 1}\r\n", good, BROKEN)
        yield made("no length", "", good, BROKEN)
        for length in LENGTHS:
            yield made(
                f"Content-Length {length[:9]!r}", f"Content-Length: {length}\r\n", good, BROKEN
            )
        two = f"Content-Length: {size}\r\nContent-Length: {size + 1}\r\n"
        yield made("two lengths", two, good, BROKEN)
        whole = b"%x\r\n%s\r\n0\r\n\r\n" % (size, good)
        chunked = "Transfer-Encoding: chunked\r\n"
        yield made("chunks", chunked, whole, Allowed.PASS)
        yield made("chunks without an end", chunked, whole[:-5], BROKEN)
        yield made("a short chunk", chunked, b"%x\r\n%s" % (size + 5, good), BROKEN)
        small = b"".join(b"1\r\n%c\r\n" % byte for byte in good) + b"0\r\n\r\n"
        yield made("chunks of one byte", chunked, small, Allowed.PASS)
        trailing = whole[:-2] + b"X-Trailer: 1\r\n\r\n"
        yield made("chunks with a trailer", chunked, trailing, Allowed.PASS | BROKEN)
        yield made("chunks and a length", chunked + "Content-Length: 5\r\n", whole, ANYTHING)
        for chunk in CHUNKS:
            yield made(f"bad chunks {chunk[:20]!r}", chunked, chunk, BROKEN)
        for coding in CODINGS:
            yield made(f"coding {coding!r}", f"Transfer-Encoding: {coding}\r\n", whole, ANYTHING)
        for version in ("1.0", "0.9"):
            data = http(host, path, good, version=version)
            name = f"HTTP/{version} to {path}"
            yield RawRequest("framing", name, path, data, Allowed.PASS | BROKEN)
        bare = f"POST {path} HTTP/1.0\r\nContent-Type: application/json\r\n"
        data = f"{bare}Content-Length: {size}\r\n\r\n".encode() + good
        yield RawRequest("framing", f"HTTP/1.0 without Host to {path}", path, data, Allowed.PASS)
        yield RawRequest(
            "framing", f"two requests to {path}", path, http(host, path, good) * 2, Allowed.PASS
        )
