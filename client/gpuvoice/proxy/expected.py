"""What a caller can make of signs of life and of errors: by path and headers of its call."""

from __future__ import annotations

from gpuvoice.proxy.headers import Raw, first

# Their callers take white space before JSON, and check `success`.
BEATING = frozenset((
    "/generate", "/generate_batch", "/narrate",
    "/transcribe", "/transcribe_batch", "/align", "/align_batch",
))  # fmt: skip
PREFIXES = ("", "/tts", "/whisperx")
JOBS = "/jobs"


def beats(path: str, headers: Raw) -> bool:
    """Whether white space may go out before the answer: only where that is to be a 200 of JSON."""
    return path in BEATING and not (_as_a_job(headers) or _as_audio(headers))


def like_openai(path: str) -> bool:
    """Whether the official OpenAI clients call it, which read errors in a shape of their own."""
    return any(f"{path}/".startswith(f"{prefix}/v1/") for prefix in PREFIXES)


def of_jobs(path: str) -> bool:
    return f"{path}/".startswith(f"{JOBS}/")


def _as_a_job(headers: Raw) -> bool:
    """`Prefer: respond-async` (RFC 7240, 4.1): the answer is to be a 202."""
    lists = [value.decode("latin-1") for name, value in headers if name == b"prefer"]
    parts = [part for given in lists for part in given.split(",")]
    return any(part.partition(";")[0].strip().lower() == "respond-async" for part in parts)


def _as_audio(headers: Raw) -> bool:
    """Whether the caller would rather have the bytes of audio than JSON."""
    ranges = [_range(part) for part in first(headers, b"accept").split(",")]
    audio = max((q for kind, q in ranges if kind.startswith("audio/")), default=0.0)
    json = 0.0
    for pattern in ("*/*", "application/*", "application/json"):
        json = next((q for kind, q in ranges if kind == pattern), json)
    return audio > json


def _range(part: str) -> tuple[str, float]:
    kind, *parameters = (each.strip().lower() for each in part.split(";"))
    told = next((each[2:] for each in parameters if each.startswith("q=")), "1")
    try:
        return kind, float(told)
    except ValueError:
        return kind, 0.0
