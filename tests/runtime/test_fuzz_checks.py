"""That `make fuzz` can fail: its checks against a small server that misbehaves on purpose."""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import schemathesis
import soundfile
from flask import Flask, Response, jsonify
from werkzeug.serving import make_server

from bench.fuzz import __main__ as fuzz
from bench.fuzz.described import DescribedCase
from bench.fuzz.generation import Source, read_document
from bench.fuzz.recordings import Recordings
from bench.fuzz.report import Report
from bench.fuzz.target import Target
from bench.fuzz.torture import TortureCase, torture_cases

NO_SOUND = Recordings((("QUFB", "Yes."),), ("QUFB",), ("!",))
STRING = {"type": "string"}
FAILURE = {"type": "object", "required": ["success", "error"], "properties": {"error": STRING}}
SPOKEN = {"type": "object", "required": ["audio", "success"], "properties": {"audio": STRING}}
ASKED = {"type": "object", "required": ["text"], "properties": {"text": STRING}}


def described(schema: object) -> dict[str, object]:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


GENERATE = {
    "requestBody": {"required": True, "content": described(ASKED)["content"]},
    "responses": {"200": described(SPOKEN)}
    | {status: described(FAILURE) for status in ("400", "500", "503")},
}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "A server that misbehaves", "version": "1"},
    "paths": {"/generate": {"post": GENERATE}},
}


def failure(text: str = "Change the text.") -> dict[str, object]:
    return {"success": False, "error": text}


def wav() -> str:
    out = io.BytesIO()
    soundfile.write(out, np.zeros(240, np.int16), 24_000, format="WAV", subtype="PCM_16")
    return base64.b64encode(out.getvalue()).decode()


@dataclass
class Given:
    """What the server answers to every POST /generate."""

    status: int = 200
    body: Any = field(default_factory=lambda: {"audio": wav(), "format": "wav", "success": True})
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json"


@contextmanager
def serving(view: Callable[[], Response]) -> Iterator[Target]:
    app = Flask(__name__)
    app.add_url_rule("/openapi.json", view_func=lambda: jsonify(DOCUMENT), endpoint="document")
    app.add_url_rule("/generate", view_func=view, methods=["POST"], endpoint="generate")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Target("tts", f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answering(given: Given) -> AbstractContextManager[Target]:
    def view() -> Response:
        response = jsonify(given.body)
        response.status_code, response.mimetype = given.status, given.kind
        response.headers.update({"X-Request-Id": "1", **given.headers})
        return response

    return serving(view)


def sources(target: Target) -> dict[str, Source]:
    return {source.kind: source for source in read_document(target, NO_SOUND, 1).sources}


def spoken_case(target: Target) -> DescribedCase:
    document = schemathesis.openapi.from_url(f"{target.url}/openapi.json")
    case = document["/generate"]["POST"].Case(body={"text": "Yes."}, media_type="application/json")
    return DescribedCase(target, case)


def checks(case: DescribedCase | TortureCase) -> set[str]:
    outcome = case.send()
    assert outcome is not None
    assert bool(outcome.faults) == bool(outcome.reproduction)
    return {fault.check for fault in outcome.faults}


def test_a_right_answer_has_no_fault_and_reaches_an_engine() -> None:
    with answering(Given()) as target:
        outcome = spoken_case(target).send()
    assert outcome is not None
    assert (outcome.faults, outcome.reached) == ((), True)


@pytest.mark.parametrize(
    ("given", "check"),
    [
        (Given(500, failure()), "no server error"),
        (Given(404, failure()), "Undocumented status code"),
        (Given(400, failure('File "a.py", line 3')), "no trace"),
        (Given(400, failure(" ")), "error says why"),
        (Given(400, {"success": True, "error": "x"}), "success is false"),
        (Given(400, failure(), {"X-Request-Id": ""}), "X-Request-Id"),
        (Given(503, failure()), "Retry-After"),
        (Given(503, failure(), {"Retry-After": "soon"}), "Retry-After"),
        (Given(200, {"audio": 1, "success": True}), "Response violates schema"),
        (Given(200, {"audio": "QUFB", "format": "wav", "success": True}), "meaning"),
        (Given(400, {"success": False, "error": {"message": "No."}}), "shape of the error"),
        (Given(200, {"audio": "", "format": "mp3", "success": True}), "meaning"),
        (Given(202, {"id": "7", "count": 1}), "job"),
        (Given(200, {"success": False, "error": "The engine failed."}), "late failure"),
        (Given(200, kind="text/html"), "Undocumented Content-Type"),
    ],
)
def test_a_wrong_answer_is_caught(given: Given, check: str) -> None:
    with answering(given) as target:
        assert check in checks(spoken_case(target))


def test_a_success_for_nonsense_is_caught() -> None:
    with answering(Given()) as target:
        found = [checks(case) for case in sources(target)["negative"].draw(10, seed=1)]
    assert any("Schema-violating request accepted" in names for names in found)


def test_a_success_for_broken_json_by_hand_is_caught() -> None:
    with answering(Given()) as target:
        by_hand = torture_cases([target], seed=1)
        broken = next(c for c in by_hand if c.request.name == "no object to /generate")
        assert "refused" in checks(broken)


def test_a_server_that_is_always_busy_fails_by_the_share_alone() -> None:
    busy = Given(503, failure(), {"Retry-After": "5"})
    report = Report()
    with answering(busy) as target, ThreadPoolExecutor(2) as pool:
        assert fuzz.send(pool, sources(target)["spoken"].draw(20, seed=1), report)
    assert (report.cases, report.failures, report.passed) == (20, {}, False)
    assert report.text().endswith(
        "make fuzz: 20 cases, 0 % reached an engine, 0 failures. At least 10 % must."
    )


def test_the_same_fault_is_shown_once_with_its_count() -> None:
    report = Report()
    with answering(Given(500, failure())) as target, ThreadPoolExecutor(2) as pool:
        fuzz.send(pool, sources(target)["spoken"].draw(10, seed=1), report)
    assert report.text().count("FAILED 10 x: tts POST /generate, no server error, 500") == 1
    assert "curl -X POST" in report.text()


def test_white_space_without_end_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(fuzz, "SPARE_SECONDS", 0)
    enough = threading.Event()

    def view() -> Response:
        def beat() -> Iterator[bytes]:
            while not enough.wait(0.05):
                yield b" "

        return Response(beat(), mimetype="application/json")

    report = Report()
    with serving(view) as target, ThreadPoolExecutor(1) as pool:
        answered = fuzz.send(pool, [spoken_case(target)], report)
        enough.set()
    assert not answered
    assert [check for _, check, _ in report.failures] == ["answered in time"]


def test_the_same_seed_draws_the_same_requests() -> None:
    with answering(Given()) as target:
        source = sources(target)["spoken"]
        one, two, other = ([repr(c.case) for c in source.draw(20, seed)] for seed in (7, 7, 8))
    assert one == two != other
