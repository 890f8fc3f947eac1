"""Forms that are no forms, hardly forms, or forms of an unkind kind; their framing is right."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from bench.fuzz.requests_raw import Allowed, RawRequest, http
from bench.fuzz.torture_bodies import WAV

PATH = "/v1/audio/transcriptions"
SOUND = base64.b64decode(WAV)
FORM = "multipart/form-data; boundary=x"


def part(name: str, value: bytes, more: str = "", file: str | None = None) -> bytes:
    """A part with these bytes; `more` stands behind its name."""
    named = f'form-data; name="{name}"' + (f'; filename="{file}"' if file is not None else "")
    return f"--x\r\nContent-Disposition: {named}{more}\r\n\r\n".encode() + value + b"\r\n"


FILE = part("file", SOUND, file="a.wav")
MODEL = part("model", b"whisper-1")
END = b"--x--\r\n"
BROKEN = {
    "nothing": b"",
    "only an end": END,
    "no end": FILE + MODEL,
    "no parts": b"--x\r\n",
    "another boundary": (FILE + MODEL + END).replace(b"--x", b"--y"),
    "bare lines": (FILE + MODEL + END).replace(b"\r\n", b"\n"),
    "no model": FILE + END,
    "no file": MODEL + END,
    "file as a field": part("file", b"a") + MODEL + END,
    "no name": b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n" + END,
    "no disposition": b"--x\r\n\r\na\r\n" + END,
    "only headers": b"--x\r\nA: b\r\n" * 100 + END,
    "many parts": part("a", b"1") * 5000 + FILE + MODEL + END,
    "half a part": FILE[:40],
    "a long field": part("prompt", b"a" * 2_000_000) + FILE + MODEL + END,
    "a long header": part("file", SOUND, more="; a=" + "b" * 200_000, file="a") + MODEL + END,
    "an empty file": part("file", b"", file="a.wav") + MODEL + END,
    "no sound": part("file", b"\x00" * 3000, file="a.wav") + MODEL + END,
    "a playlist": part("file", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", file="a.m3u8")
    + MODEL
    + END,
    "another model": FILE + part("model", b"\xff\xfe") + END,
    "a wrong format": FILE + MODEL + part("response_format", b"\x00") + END,
    "a wrong temperature": FILE + MODEL + part("temperature", b"nan") + END,
    "a wrong granularity": FILE + MODEL + part("timestamp_granularities[]", b"letter") + END,
    "a wrong stream": FILE + MODEL + part("stream", b"perhaps") + END,
    "a wrong language": FILE + MODEL + part("language", b"\xf0\x9f\x98\x80" * 50) + END,
}
ODD = {
    "another disposition": (FILE + MODEL + END).replace(b"form-data", b"attachment"),
    "before and behind": b"before\r\n" + FILE + MODEL + END + b"behind",
    "model twice": FILE + MODEL + MODEL + END,
    "file twice": FILE + FILE + MODEL + END,
    "an odd name": FILE + MODEL + part("\x00\u202e[]", b"1") + END,
    "an odd file name": part("file", SOUND, file="../../etc/passwd\x00%00") + MODEL + END,
    "file names twice": part("file", SOUND, more="; filename*=utf-8''%00", file="a") + MODEL + END,
    "transfer encoding": FILE.replace(
        b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n", 1
    )
    + MODEL
    + END,
    "a boundary inside": part("file", SOUND + b"\r\n--xy\r\n", file="a") + MODEL + END,
    "all formats": FILE + MODEL + part("response_format", b"srt") + part("prompt", b"a") + END,
}
TYPES = (
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"",
    "multipart/mixed; boundary=x", "multipart/form-data; boundary=" + "x" * 5000,
    "multipart/form-data; boundary=\u00e9", "application/json", "text/plain", "",
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=*0*", "multipart/",
)  # fmt: skip


def form_requests(host: str) -> Iterator[RawRequest]:
    """For the one call that takes a form."""
    for name, body in BROKEN.items():
        yield _made(name, http(host, PATH, body, {"Content-Type": FORM}))
    for name, body in ODD.items():
        yield _made(name, http(host, PATH, body, {"Content-Type": FORM}), Allowed.PASS)
    for kind in TYPES:
        asked = http(host, PATH, FILE + MODEL + END, {"Content-Type": kind.encode()})
        yield _made(f"Content-Type {kind[:40]!r}", asked)
    encoded = {"Content-Type": FORM, "Content-Encoding": "gzip"}
    yield _made("Content-Encoding", http(host, PATH, FILE + MODEL + END, encoded))


def _made(name: str, data: bytes, allowed: Allowed = Allowed.REFUSAL) -> RawRequest:
    return RawRequest("forms", f"{name} to {PATH}", PATH, data, allowed)
