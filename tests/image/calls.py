"""What goes beyond single calls: both servers for one, one that nobody waits for, OpenAI's."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import httpx
import soundfile

from tests import web
from tests.image.box import Box, seconds_until
from tests.image.report import Report

SECONDS = 240
TEXT = "Good morning, and {#talk}welcome to the talk."
SPOKEN = "Good morning, and welcome to the talk."
TEXTS = ["The first one.", "The second one.", "The third."]
# What the names of libsndfile are for the formats that are asked for.
FORMATS = {"mp3": ("MP3", "audio/mpeg"), "opus": ("OGG", "audio/ogg")}


def check_calls(report: Report, box: Box) -> None:
    _check_narrate(report, box)
    _check_job(report, box)
    for format_, (kind, media) in FORMATS.items():
        asked = {"model": "tts-1", "voice": "alloy", "input": SPOKEN, "response_format": format_}
        answer = _sent(box, "POST", "/v1/audio/speech", asked)
        good = answer is not None and answer.status_code == 200
        found = _kind(answer.content) if good and answer is not None else "nothing"
        told = answer.headers.get("Content-Type", "") if answer is not None else ""
        report.check(
            f"/v1/audio/speech gives {format_}", found == kind and told.startswith(media), told
        )


def _check_narrate(report: Report, box: Box) -> None:
    answer = _sent(box, "POST", "/narrate", {"text": TEXT})
    found = _json(answer)
    words = [word["word"] for word in found.get("words", [])]
    good = found.get("success") and words == SPOKEN.split()
    report.check("narrate gives audio with its words, from both servers", good, words or found)
    report.check("its audio is a WAV", _kind(base64.b64decode(found.get("audio", ""))) == "WAV")


def _check_job(report: Report, box: Box) -> None:
    begun = _sent(box, "POST", "/generate_batch", {"texts": TEXTS}, Prefer="respond-async")
    status = 0 if begun is None else begun.status_code
    report.check("a batch becomes a job", status == 202, status)
    if begun is None or status != 202:
        return
    path = begun.headers["Location"]
    took = seconds_until(lambda: _json(_sent(box, "GET", path)).get("ended_at"), SECONDS)
    report.check("and ends by itself", took is not None, f"{took} s")
    answer = _sent(box, "GET", f"{path}/results")
    lines = answer.text.splitlines() if answer is not None else []
    items = [line for line in map(json.loads, filter(str.strip, lines)) if "index" in line]
    kinds = [_kind(base64.b64decode(item.get("audio", ""))) for item in items]
    report.check("with a result for each text", kinds == ["WAV"] * len(TEXTS), kinds)
    gone = _sent(box, "DELETE", path)
    again = _sent(box, "GET", path)
    codes = [each.status_code for each in (gone, again) if each is not None]
    report.check("until it is deleted", codes == [200, 404], codes)


def _sent(
    box: Box, method: str, path: str, body: Any = None, **headers: str
) -> httpx.Response | None:
    """The text server's answer; None when there is none."""
    try:
        return web.request(method, box.tts + path, json=body, headers=headers, timeout=SECONDS)
    except httpx.HTTPError:
        return None


def _json(answer: httpx.Response | None) -> dict[str, Any]:
    try:
        found: Any = answer.json() if answer is not None else {}
    except ValueError:
        found = {}
    return found if isinstance(found, dict) else {}


def _kind(sound: bytes) -> str:
    """The container of a file of audio."""
    try:
        return str(soundfile.info(io.BytesIO(sound)).format)
    except soundfile.LibsndfileError:
        return "nothing"
