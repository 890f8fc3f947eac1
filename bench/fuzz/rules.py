"""Rules for every answer, whatever was asked."""

from __future__ import annotations

from collections.abc import Iterator

from bench.fuzz.answers import ANSWER_SECONDS, CLOSED, Answer, Fault

TRACES = ("Traceback", 'File "', "/site-packages/", "/voicehost/", "<class '")
BUSY = (429, 503)


def common_faults(answer: Answer) -> Iterator[Fault]:
    """No fault of the server, no hang, no trace, and a time to come back when it is busy."""
    if answer.seconds > ANSWER_SECONDS:
        yield Fault("answered in time", f"took {answer.seconds:.0f} s")
    if answer.status == CLOSED:
        return
    if answer.status >= 500 and answer.status != 503:
        yield Fault("no server error", _start(answer))
    if answer.status in BUSY and not _is_positive_integer(answer.headers.get("retry-after", "")):
        yield Fault("Retry-After", f"is {answer.headers.get('retry-after')!r}")
    if answer.status >= 400:
        text = f"{answer.body.decode('utf-8', 'replace')} {_error(answer)}"  # JSON escapes quotes
        for trace in TRACES:
            if trace in text:
                yield Fault("no trace", f"the body holds {trace!r}: {text[:200]}")
                break


def error_faults(answer: Answer) -> Iterator[Fault]:
    """An error says in JSON what to do, and every answer names its request."""
    if answer.status == CLOSED:
        return
    if not answer.headers.get("x-request-id"):
        yield Fault("X-Request-Id", "is missing")
    if answer.status < 400 or answer.method == "HEAD":
        return
    body = answer.json()
    if isinstance(body, dict) and ("models" in body or "live" in body):
        return  # /ready and /live answer 503 with their progress
    if not _error(answer).strip():
        yield Fault("error says why", _start(answer))
    elif isinstance(body, dict) and body.get("success") is not False:
        yield Fault("success is false", _start(answer))


def shape_faults(path: str, answer: Answer) -> Iterator[Fault]:
    """Below /v1 an error is an object, as OpenAI's clients read it; elsewhere a sentence."""
    body = answer.json() if answer.status >= 400 else None
    if not isinstance(body, dict) or "error" not in body:
        return
    if isinstance(body["error"], dict) != path.startswith("/v1/"):
        yield Fault("shape of the error", _start(answer))


def _error(answer: Answer) -> str:
    body = answer.json()
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        error = error.get("message")
    return error if isinstance(error, str) else ""


def _is_positive_integer(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) > 0


def _start(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:200].decode('utf-8', 'replace')}"
