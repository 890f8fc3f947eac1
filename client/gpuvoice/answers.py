"""Answers of a server: what they hold, or which error they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from gpuvoice.addresses import shown
from gpuvoice.errors import GpuVoiceError, KeyRefused, NotReady, RequestRefused, ServerFailed
from gpuvoice.waiting import FINAL

TRY_AGAIN = (429, 503)
# Between the servers and us: a load balancer whose target is just going or coming.
PASSING = (502, 504)
# Servers of other makers, and older ones, lack some of our paths.
NO_SUCH_PATH = (404, 405)
NO_KEY = "needs a key, and none is set."
KEY_ADVICE = "Set TTS_API_KEY, or api_key in server_config.json (`gpuvoice config init`)."


def body_of(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer (white space before it is a sign of life); {} if none."""
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def status_of(response: httpx.Response, body: Mapping[str, Any]) -> int:
    """The status: of a failure that came after signs of life, the one in its body."""
    if response.status_code == httpx.codes.OK and body.get("success") is False:
        told = body.get("status")
        return told if isinstance(told, int) and not isinstance(told, bool) else 500
    return response.status_code


def error_of(
    who: str,
    path: str,
    status: int,
    body: Mapping[str, Any],
    headers: Mapping[str, str] | None = None,
) -> GpuVoiceError:
    """What an answer that is no success means for the caller."""
    if 300 <= status < 400:
        return _moved(who, status, (headers or {}).get("Location") or "")
    said = str(body.get("error") or _without_words(status))
    if status in (401, 403):
        advice = f" {KEY_ADVICE}" if status == 401 else ""
        return KeyRefused(f"The {who} refused the key: {said}{advice}")
    # The power switch refuses a start that its rules forbid now; waiting long enough would help.
    if status in TRY_AGAIN or (status == 409 and body.get("state") in FINAL):
        eta = body.get("eta_seconds")
        seconds = float(eta) if isinstance(eta, (int, float)) else None
        return NotReady(said, state=str(body.get("state") or ""), eta_seconds=seconds)
    if 400 <= status < 500:
        return RequestRefused(f"The {who} refused the request at {path}: {said}", status)
    return ServerFailed(f"The {who} failed at {path}: {said}")


def _moved(who: str, status: int, location: str) -> GpuVoiceError:
    # A key is never sent on to wherever an answer points.
    place = f" to {shown(location)[:200]}" if location.startswith("http") else ""
    return RequestRefused(
        f"The {who} redirects{place}. Write the address where it is now in the settings.", status
    )


def _without_words(status: int) -> str:
    if status < 300:
        return "its answer is not JSON. Is the URL that of the server itself?"
    if status == 404:
        return "there is nothing at this address (404). Is the URL right?"
    if status == 413:
        return "the request is too large (413). Send fewer or shorter items."
    return f"it answered {status} without a reason. Try again; if it stays, look at its log."
