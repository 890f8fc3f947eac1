"""Bodies that are no JSON, hardly JSON, or JSON of an unkind kind; their framing is right."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence

from bench.fuzz.requests_raw import Allowed, RawRequest, http

WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAgD4AAAB9AAACABAAZGF0YQIAAAAAAA=="
INTERNAL = {"X-Voice-Internal": "1"}
# What each endpoint takes, so that one strange value stands among right ones.
GOOD: dict[str, dict[str, object]] = {
    "/generate": {"text": "Yes."},
    "/generate_batch": {"texts": ["Yes."]},
    "/transcribe": {"audio": WAV},
    "/transcribe_batch": {"audios": [WAV]},
    "/align": {"audio": WAV, "text": "Yes."},
    "/align_batch": {"items": [{"audio": WAV, "text": "Yes."}]},
    "/v1/audio/speech": {"model": "tts-1", "input": "Yes.", "voice": "alloy"},
    "/internal/drain": {"seconds": 1},
    "/internal/batches": {"allowed": False, "seconds": 1},
}
NO_OBJECT = (
    b"", b" ", b"{", b"}", b'{"text":', b"nul", b"[1, 2", b'{"text": "a"}}', b"'text'",
    b"{text: 1}", b'{"text": "a",}', b"\x00\x00\x00\x00", b"// c\n{}", b"[]", b"null", b"0",
    b'"text"', b"true", b"-", b'{"text": "a" "b"}', b'{"a": 01}', b'{"a": .5}', b'{"a": +1}',
    b'{"a": "\n"}', b"\xff\xfe", b'{"a": "\\x41"}', b'{"a": "\\u12"}', b"text=a&b=c", b"<xml/>",
    b"--x\r\n\r\n--x--", b"{}\x00", b"NaN", b"Infinity", b"-Infinity", b"1e309", b"9" * 5000,
    b'"' + b"a" * 100_000, b"\xef\xbb\xbf",
)  # fmt: skip
DEEP = 100_000
STRANGE_VALUES = (
    b"NaN", b"Infinity", b"-Infinity", b"1e309", b"-1e309", b"1" + b"0" * 400, b"-0", b"1e-400",
    b'"\\ud800"', b'"\\udfff\\ud800"', b'["\\ud800"]', b'"\\u0000"', b'"\xff\xfe"', b'"\xc0\x80"',
    b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b"[" * DEEP + b"]" * DEEP,
    b'{"a":' * DEEP + b"1" + b"}" * DEEP, b"[" * 150 + b"]" * 150, b"[]", b"{}", b"[[]]", b"null",
    b"true", b'""', b'[""]', b'"' + b"a" * 2_000_000 + b'"', b"[" + b'"a",' * 100_000 + b'"a"]',
    b"[" + b"{}," * 100_000 + b"{}]", b'"' + b"\\u00e9" * 50_000 + b'"',
)  # fmt: skip
TYPES = (
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "",
    "json", "application/json; charset=utf-16", "application/json;;;", "application/", "\u00e9",
    "application/vnd.api+json", "application/jsonx", "text/json", "*/*", "application/xml",
)  # fmt: skip


def body_requests(host: str, paths: Sequence[str]) -> Iterator[RawRequest]:
    """For each path and body."""
    for path in paths:
        more = INTERNAL if path.startswith("/internal") else {}
        good = json.dumps(GOOD[path]).encode()
        for body in NO_OBJECT:
            yield _made("no object", path, http(host, path, body, more))
        for field in GOOD[path]:
            for value in STRANGE_VALUES:
                body = _replaced(GOOD[path], field, value)
                # An item of any shape is allowed in a batch, and gets an error of its own.
                yield _made("strange value", path, http(host, path, body, more), Allowed.PASS)
        encoded = {
            "UTF-16": good.decode().encode("utf-16"),
            "UTF-32": good.decode().encode("utf-32"),
        }
        for name, body in encoded.items():
            yield _made(name, path, http(host, path, body, more))
        for name, body in {
            "BOM": b"\xef\xbb\xbf" + good,
            "key twice": good[:-1] + b"," + good[1:],
            "odd keys": good[:-1] + b', "": 1, "\\u0000": 2, "__proto__": 3, "\\ud83d\\ude00": 4}',
            "lone surrogate as a key": good[:-1] + b', "\\ud800": 1}',
            "long key": good[:-1] + b', "' + b"k" * 1_000_000 + b'": 1}',
            "white space": b" \r\n\t" * 10_000 + good,
        }.items():
            yield _made(name, path, http(host, path, body, more), Allowed.PASS)
        for kind in TYPES:
            asked = http(host, path, good, {**more, "Content-Type": kind.encode()})
            yield _made(f"Content-Type {kind!r}", path, asked, Allowed.PASS)
        for coding, body in (
            ("gzip", gzip.compress(good)),
            ("gzip", good),
            ("br", b"\x0b\x02\x80"),
        ):
            asked = http(host, path, body, {**more, "Content-Encoding": coding})
            yield _made(f"Content-Encoding {coding}", path, asked)


def _replaced(good: dict[str, object], field: str, value: bytes) -> bytes:
    parts = [
        json.dumps(name).encode() + b": " + (value if name == field else json.dumps(old).encode())
        for name, old in good.items()
    ]
    return b"{" + b", ".join(parts) + b"}"


def _made(name: str, path: str, data: bytes, allowed: Allowed = Allowed.REFUSAL) -> RawRequest:
    return RawRequest("bodies", f"{name} to {path}", path, data, allowed)
