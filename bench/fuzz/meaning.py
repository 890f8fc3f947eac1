"""What a success on an endpoint with a model must hold beyond its schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from bench.fuzz import sound
from bench.fuzz.answers import Answer, Fault

FAULT_WORDS = ("engine", "server failed")
# Their answers may be audio itself; and the call whose JSON has no `success`.
SOUNDS = ("/generate", "/v1/audio/speech")
HEARD = "/v1/audio/transcriptions"


def reached(path: str, answer: Answer) -> bool:
    """Whether an engine worked on at least one item and succeeded."""
    if answer.status == 200 and path in SOUNDS and sound.is_sound(answer):
        return True
    if path == HEARD:
        return answer.status == 200
    body = answer.json() if answer.status == 200 else None
    if not isinstance(body, dict) or body.get("success") is not True:
        return False
    if path == "/align":
        return bool(body.get("words"))
    if path == "/align_batch":
        return any(item.get("words") for item in body.get("alignments", []))
    return path in CHECKS


def meaning_faults(path: str, sent: Any, answer: Answer) -> Iterator[Fault]:
    """Compare a 200 with what was sent; other answers have nothing to say here."""
    if answer.status == 200 and path in SOUNDS:
        yield from (Fault("meaning", detail) for detail in sound.in_answer(answer))
    body = answer.json() if answer.status == 200 else None
    if not isinstance(body, dict) or path not in CHECKS:
        return
    if body.get("success") is False:
        error = str(body.get("error", ""))
        if not error or any(word in error.lower() for word in FAULT_WORDS):
            yield Fault("late failure", error)
        return
    if isinstance(sent, dict) and sent.get("delivery") == "s3":
        yield from (Fault("meaning", detail) for detail in _stored(body))
        return
    try:
        for detail in CHECKS[path](sent, body):
            yield Fault("meaning", detail)
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        yield Fault("meaning", f"the answer has another shape: {error!r}")


def _stored(body: dict[str, Any]) -> Iterator[str]:
    if not body.get("results") or not all(result.get("url") for result in body["results"]):
        yield "a stored answer has no URL"


def _generate(sent: Any, body: dict[str, Any]) -> Iterator[str]:
    yield from sound.in_text(body["audio"], body["format"])


def _generate_batch(sent: Any, body: dict[str, Any]) -> Iterator[str]:
    yield from _count(sent["texts"], body["audios"], body["count"])
    for audio in body["audios"]:
        yield from sound.in_text(audio, body["format"])


def _narrate(sent: Any, body: dict[str, Any]) -> Iterator[str]:
    one = "items" not in body
    if not one:
        yield from _count(sent["texts"], body["items"], body["count"])
    for item in [body] if one else body["items"]:
        if item.get("error"):
            continue
        yield from sound.in_text(item["audio"], item["format"])
        yield from _words(item["text"], item["words"])
        if any(not 0 <= marker["time"] <= item["duration"] for marker in item["markers"]):
            yield "a marker is outside the audio"
        if not item["vtt"].startswith("WEBVTT"):
            yield "the subtitles are not WebVTT"


def _speech(sent: Any, body: dict[str, Any]) -> Iterator[str]:
    yield "speech came as JSON"


def _heard(sent: Any, body: dict[str, Any]) -> Iterator[str]:
    if not isinstance(body["text"], str):
        yield "the transcription has no text"


def _transcribe(sent: Any, body: dict[str, Any]) -> Iterator[str]:
    if body["text"] != body["text"].strip():
        yield "the text has white space around it"


def _transcribe_batch(sent: Any, body: dict[str, Any]) -> Iterator[str]:
    yield from _count(sent["audios"], body["transcriptions"], body["count"])


def _align(sent: Any, body: dict[str, Any]) -> Iterator[str]:
    yield from _words(sent["text"], body["words"])


def _align_batch(sent: Any, body: dict[str, Any]) -> Iterator[str]:
    yield from _count(sent["items"], body["alignments"], body["count"])
    for item, alignment in zip(sent["items"], body["alignments"], strict=False):
        if not alignment.get("error"):
            yield from _words(item["text"], alignment["words"])
        elif alignment["words"]:
            yield "an item has both words and an error"


CHECKS: dict[str, Callable[[Any, dict[str, Any]], Iterator[str]]] = {
    "/generate": _generate,
    "/generate_batch": _generate_batch,
    "/transcribe": _transcribe,
    "/transcribe_batch": _transcribe_batch,
    "/align": _align,
    "/align_batch": _align_batch,
    "/narrate": _narrate,
    "/v1/audio/speech": _speech,
    "/v1/audio/transcriptions": _heard,
}


def _count(sent: list[Any], found: list[Any], count: int) -> Iterator[str]:
    if not len(sent) == len(found) == count:
        yield f"{len(sent)} items sent, {len(found)} came back, count is {count}"


def _words(text: str, words: list[dict[str, Any]]) -> Iterator[str]:
    if [word["word"] for word in words] != text.split():
        yield f"words are not those of the text: {text[:80]!r}"
    if any(word["start"] > word["end"] for word in words):
        yield "a word ends before it starts"
    if any(one["start"] > other["start"] for one, other in pairwise(words)):
        yield "words go backwards"
