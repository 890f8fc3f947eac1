"""That `make fuzz` sees what is wrong with sound, with errors in OpenAI's shape and with jobs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from flask import Flask, Response, jsonify
from werkzeug.serving import make_server

from bench.fuzz.answers import Answer
from bench.fuzz.followed import job_faults
from bench.fuzz.meaning import meaning_faults, reached
from bench.fuzz.rules import error_faults, shape_faults
from bench.fuzz.sound import in_answer, in_bytes
from bench.fuzz.target import Target
from bench.fuzz.torture_forms import BROKEN, ODD, form_requests
from voicehost.audio.formats import CONTENT_TYPES, encode

TONE = (8000 * np.sin(np.arange(12_000) / 20)).astype(np.int16)
DONE = {"index": 0}
LAST = {"job": {"id": "7"}, "next": 1}


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "opus", "aac", "pcm"])
def test_each_format_is_heard_and_half_a_file_is_not_taken_for_it(kind: Any) -> None:
    file = encode(TONE, 24_000, kind)
    assert list(in_bytes(file, kind)) == []
    answer = Answer(200, {"content-type": CONTENT_TYPES[kind]}, file)
    assert list(in_answer(answer)) == []
    assert reached("/v1/audio/speech", answer)
    assert list(in_bytes(b"", kind)) != []
    if kind != "pcm":
        assert list(in_bytes(b"no sound at all", kind)) != []


def test_events_have_to_end() -> None:
    delta, done = b'data: {"type": "speech.audio.delta"}\n\n', b'data: {"type": "x.done"}\n\n'
    events = {"content-type": "text/event-stream"}
    assert list(in_answer(Answer(200, events, delta + done))) == []
    for cut in (delta, b"", done + delta, delta + done + done, b"data: {\n\n"):
        assert list(in_answer(Answer(200, events, cut))) != [], cut


def error(body: object, status: int = 400) -> Answer:
    return Answer(status, {"x-request-id": "1"}, json.dumps(body).encode())


def test_errors_have_openais_shape_below_v1_alone() -> None:
    ours, theirs = error({"error": "No.", "success": False}), error({"error": {"message": "No."}})
    assert list(shape_faults("/generate", ours)) == list(shape_faults("/v1/models", theirs)) == []
    assert list(shape_faults("/generate", theirs)) != []
    assert list(shape_faults("/v1/models", ours)) != []
    empty = error({"error": {"message": " "}, "success": False})
    assert "error says why" in {fault.check for fault in error_faults(empty)}


def test_a_narration_has_to_fit_its_text() -> None:
    word = {"word": "One", "start": 0.0, "end": 0.1}
    sound = {"audio": "", "format": "pcm"}
    body = {"success": True, "text": "One", "words": [word], "vtt": "WEBVTT", "duration": 1.0,
            "markers": [{"id": "a", "time": 0.5}], "audio": "AAA=", "format": "pcm"}  # fmt: skip

    def faults(**wrong: object) -> list[object]:
        answer = error({**body, **wrong}, 200)
        return list(meaning_faults("/narrate", {"text": "One"}, answer))

    assert faults() == []
    for wrong in (sound, {"text": "Two"}, {"vtt": ""}, {"markers": [{"time": 2.0}]}):
        assert len(faults(**wrong)) == 1, wrong


@contextmanager
def serving(lines: Sequence[object], *, forgets: bool) -> Iterator[Target]:
    """A server whose job has these lines; once it is removed the server forgets it, or does not."""
    app, there = Flask(__name__), [True]

    @app.get("/jobs/7/results")
    def results() -> Response:
        return Response("\n\n".join(json.dumps(line) for line in lines) + "\n")

    @app.route("/jobs/7", methods=["GET", "DELETE"])
    def job() -> tuple[Response, int]:
        status = 200 if there[0] else 404
        there[0] = not forgets
        return jsonify(success=True), status

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Target("tts", f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def following(*lines: object, place: str = "/jobs/7", forgets: bool = True) -> list[str]:
    """What is found of a job whose server sends these lines."""
    with serving(lines, forgets=forgets) as target:
        return list(job_faults(target, place, {"id": "7", "count": 1}))


def test_a_job_is_followed_to_its_end() -> None:
    assert following(DONE, LAST) == []
    assert following(DONE, LAST, forgets=False) != []
    assert following(DONE, LAST, place="/jobs/8") != []
    for lines in ((DONE,), (LAST,), (DONE, DONE, LAST), (DONE, {"error": "x", "next": 1}),
                  (DONE, {**LAST, "next": 0})):  # fmt: skip
        assert len(following(*lines)) == 1, lines


def test_forms_by_hand_are_all_different() -> None:
    made = list(form_requests("localhost:1"))
    assert len({request.data for request in made}) == len(made) > len(BROKEN) + len(ODD)
