"""Right bodies under odd headers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from bench.fuzz.requests_raw import ANYTHING, BROKEN, Allowed, RawRequest, http
from bench.fuzz.torture_bodies import GOOD

BAD_DEADLINES = (
    "nan", "-1", "0", "-0", "1e309", "inf", "-inf", "abc", "", "0x10", "1,5", "1 2", "--1", "1e",
    "None", "\u00e9",
)  # fmt: skip
GOOD_DEADLINES = ("0.0001", "1e-300", "5", "1e300", "+5", "007", "0.5")
REQUEST_IDS: tuple[bytes, ...] = (
    b"a\tb", b"a%0d%0aInjected: 1", b"\xe9\xff", b"x" * 5000, b"", b"a\\nb", b"../../etc", b"{}",
    b"<script>", b"a\x0bInjected: 1", b"a\x85Injected: 1", b"\xe2\x80\xa8Injected: 1",
)  # fmt: skip
BROKEN_IDS: tuple[bytes, ...] = (b"a\rInjected: 1", b"a\nInjected: 1", b"a\x00b", b"a\r\n folded")
AUTHORIZATIONS: tuple[bytes, ...] = (
    b"Basic !!!", b"Basic", b"Basic ", b"basic Og==", b"Basic " + b"\xff\xfe", b"Basic /////w==",
    b"Bearer", b"Bearer ", b"Bearer \xe9", b"bearer a b c", b"Digest", b"Digest a", b'Digest a="',
    b"\xff", b"Negotiate abc", b"a=b, c=d", b"Bearer " + b"k" * 6000, b"", b"Basic Zm9v",
    b"Token \xc3\xa9",
)  # fmt: skip
FOREIGN_HOSTS: tuple[bytes, ...] = (
    b"evil.example", b"localhost.evil.example", b"127.0.0.1.evil.example", b"0.0.0.0",
    b"169.254.169.254", b"[::ffff:8.8.8.8]", b"evil.example:5000", b"user@evil.example",
)  # fmt: skip
ODD_HOSTS: tuple[bytes, ...] = (
    b"", b" ", b"[::1", b"a b", b"localhost:99999999", b"localhost:abc", b"\xff", b"localhost,evil",
    b":5000", b"[]", b"::1", b"localhost/x", b"h" * 3000, b"xn--", b"%6c%6f",
)  # fmt: skip


def header_requests(host: str, paths: Sequence[str]) -> Iterator[RawRequest]:
    for path in paths:
        good = json.dumps(GOOD[path]).encode()

        def post(
            name: str, value: bytes, allowed: Allowed, path: str = path, good: bytes = good
        ) -> RawRequest:
            data = http(host, path, good, {name: value})
            return RawRequest("headers", f"{name} {value[:40]!r} to {path}", path, data, allowed)

        for text in BAD_DEADLINES:
            yield post("X-Deadline-Seconds", text.encode(), Allowed.REFUSAL)
        for text in GOOD_DEADLINES:
            yield post("X-Deadline-Seconds", text.encode(), Allowed.PASS)
        for value in REQUEST_IDS:
            yield post("X-Request-Id", value, Allowed.PASS | Allowed.PLAIN)
        for value in BROKEN_IDS:
            yield post("X-Request-Id", value, ANYTHING)
        for value in AUTHORIZATIONS:
            yield post("Authorization", value, Allowed.PASS)
            yield post("X-API-Key", value, Allowed.PASS)
        for value in FOREIGN_HOSTS:
            yield post("Host", value, Allowed.REFUSAL)
        for value in ODD_HOSTS:
            yield post("Host", value, Allowed.PLAIN)
        yield post("Host", b"localhost\t", Allowed.PASS | Allowed.PLAIN)
        for value in (b"http://localhost:3000", b"null", b"https://evil.example", b"\xff", b"*"):
            yield post("Origin", value, Allowed.PASS)
        yield post("Expect", b"100-continue", Allowed.PASS)
        yield post("Expect", b"a miracle", Allowed.PASS | Allowed.PLAIN)
        yield post("Connection", b"Upgrade, HTTP2-Settings", Allowed.PASS)
        yield post("X-Forwarded-For", b"8.8.8.8", Allowed.PASS)
        yield post("A" * 5000, b"1", Allowed.PASS | BROKEN)
        yield post("X-Long", b"1" * 100_000, Allowed.PASS | BROKEN)
        many = http(host, path, good, {f"X-{number}": "1" for number in range(300)})
        yield RawRequest("headers", f"300 headers to {path}", path, many, BROKEN | Allowed.PASS)
    yield from _internal(host)


def _internal(host: str) -> Iterator[RawRequest]:
    path = "/internal/activity"
    for value in AUTHORIZATIONS:
        headers: dict[str, str | bytes] = {"X-Voice-Internal": "1", "Authorization": value}
        data = http(host, path, headers=headers, method="GET")
        name = f"Authorization {value[:40]!r} to {path}"
        yield RawRequest("headers", name, path, data, Allowed.PASS, method="GET")
    for name in ("X-Forwarded-For", "Forwarded"):
        data = http(host, path, headers={"X-Voice-Internal": "1", name: "8.8.8.8"}, method="GET")
        yield RawRequest("headers", f"{name} to {path}", path, data, method="GET")
    bare = http(host, path, method="GET")
    yield RawRequest("headers", f"no X-Voice-Internal to {path}", path, bare, method="GET")
