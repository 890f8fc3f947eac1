"""Jobs through the library: against the true servers, and one that breaks off as a test says."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gpuvoice import ClientConfig, Jobs, Recognition, RequestRefused, ServerFailed, Speech
from gpuvoice.errors import Unreachable
from gpuvoice.jobs import MOST_BREAKS
from gpuvoice.proxy.payload import object_in
from tests.client.proxy.scripted import Line, Script, Scripted, scripted
from tests.servers import Running

TEXTS = ["One.", "Two, three.", "Four."]
RESULTS = "/jobs/7/results?from="


def config(speech: str, recognition: str = "") -> ClientConfig:
    return ClientConfig.resolve(
        speech_url=speech, recognition_url=recognition or speech, environ={}, folder=Path("/")
    )


@pytest.fixture
def speech(cpu_servers: Running) -> Iterator[Speech]:
    with Speech(config(cpu_servers.tts)) as made:
        yield made


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as made:
        yield made


@pytest.fixture
def scripted_jobs(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jobs]:
    monkeypatch.setattr("gpuvoice.jobs.GONE_SECONDS", 0.01)
    with Speech(config(server.url)) as made:
        made.wait_until_ready()
        yield Jobs(made)


def test_each_result_comes_in_order_and_is_that_of_the_single_call(speech: Speech) -> None:
    jobs = Jobs(speech)
    job = jobs.submit("/generate_batch", {"texts": TEXTS, "seeds": [1, 2, 3]}, name="order")
    found = list(jobs.results(job["id"]))
    assert [each["index"] for each in found] == [0, 1, 2]
    clips = [speech.generate(text, seed=seed) for seed, text in enumerate(TEXTS, 1)]
    assert [base64.b64decode(each["audio"]) for each in found] == [clip.audio for clip in clips]
    assert [each["index"] for each in jobs.results(job["id"], first=2)] == [2]
    assert jobs.status(job["id"])["status"] == "done"


def test_the_same_batch_is_the_same_job_unless_it_has_another_name(speech: Speech) -> None:
    jobs = Jobs(speech)
    body = {"texts": ["Once."]}
    first = jobs.submit("/generate_batch", body)["id"]
    assert jobs.submit("/generate_batch", body)["id"] == first
    other = jobs.submit("/generate_batch", body, name="again")["id"]
    assert other != first
    listed = [job["id"] for job in jobs.all()]
    assert {first, other} <= set(listed)


def test_a_job_is_cancelled_and_deleted(speech: Speech) -> None:
    jobs = Jobs(speech)
    job = jobs.submit("/generate_batch", {"texts": ["This one takes its time."] * 40}, name="gone")
    assert jobs.cancel(job["id"])["status"] in ("cancelled", "done")
    assert jobs.delete(job["id"])["success"] is True
    with pytest.raises(RequestRefused) as refused:
        jobs.status(job["id"])
    assert refused.value.status == 404


def test_the_recognition_server_has_jobs_too(speech: Speech, cpu_servers: Running) -> None:
    audio = base64.b64encode(speech.generate("Good morning.").audio).decode()
    with Recognition(config(cpu_servers.tts, cpu_servers.whisperx)) as recognition:
        jobs = Jobs(recognition)
        job = jobs.submit("/transcribe_batch", {"audios": [audio, audio]})
        assert [each["text"].lower()[:4] for each in jobs.results(job["id"])] == ["good"] * 2


def lines(*found: object, end: bool = True) -> Script:
    """A stream of these lines, which breaks off unless it ends."""

    def script(line: Line) -> None:
        line.begin(200, Content_Type="application/x-ndjson", Transfer_Encoding="chunked")
        for each in found:
            line.part(json.dumps(each).encode() + b"\n\n")
        line.part(b"") if end else line.cut()

    return script


def test_a_stream_that_breaks_off_is_taken_up_where_it_was(
    server: Scripted, scripted_jobs: Jobs
) -> None:
    stopping = {"error": "This server is being stopped.", "status": 503, "next": 2}
    server.on[f"{RESULTS}0"] = [lines({"index": 0}, end=False)]
    server.on[f"{RESULTS}1"] = [lines({"index": 1, "error": "No."}, stopping)]
    server.on[f"{RESULTS}2"] = [
        lambda line: line.tell(503, {"success": False, "error": "Full."}, Retry_After="1"),
        lines(),
        lines({"index": 2}, {"job": {"status": "done"}, "next": 3}),
    ]
    found = list(scripted_jobs.results("7"))
    assert [each["index"] for each in found] == [0, 1, 2]
    assert found[1]["error"] == "No."


def test_a_job_that_is_followed_no_longer_is_asked_for_again(
    server: Scripted, scripted_jobs: Jobs
) -> None:
    server.on[f"{RESULTS}0"] = [lines({"index": 0}, {"job": {"status": "running"}, "next": 1})]
    server.on[f"{RESULTS}1"] = [
        lines({"job": {"status": "queued"}, "next": 1}),
        lines({"index": 1}, {"job": {"status": "done"}, "next": 2}),
    ]
    assert [each["index"] for each in scripted_jobs.results("7")] == [0, 1]


def test_breaks_with_results_between_them_may_be_many(
    server: Scripted, scripted_jobs: Jobs
) -> None:
    count = MOST_BREAKS + 2
    for index in range(count):
        server.on[f"{RESULTS}{index}"] = [lines({"index": index}, end=False)]
    server.on[f"{RESULTS}{count}"] = [lines({"job": {"status": "done"}, "next": count})]
    assert [each["index"] for each in scripted_jobs.results("7")] == list(range(count))


def test_what_breaks_off_again_and_again_is_an_error(server: Scripted, scripted_jobs: Jobs) -> None:
    server.on[f"{RESULTS}0"] = [lines(end=False)]
    with pytest.raises(Unreachable):
        list(scripted_jobs.results("7"))
    assert len(server.of(f"{RESULTS}0")) == MOST_BREAKS


@pytest.mark.parametrize("said", [b"<html>\n", b"[1]\n"])
def test_what_is_no_result_is_an_error(server: Scripted, scripted_jobs: Jobs, said: bytes) -> None:
    server.on[f"{RESULTS}0"] = [lambda line: line.say(200, said)]
    with pytest.raises(ServerFailed):
        list(scripted_jobs.results("7"))


def test_a_job_that_is_not_there_is_refused_at_once(server: Scripted, scripted_jobs: Jobs) -> None:
    server.on[f"{RESULTS}0"] = [lambda line: line.tell(404, {"success": False, "error": "None."})]
    with pytest.raises(RequestRefused, match="None"):
        list(scripted_jobs.results("7"))


def test_handing_in_asks_for_a_job(server: Scripted, scripted_jobs: Jobs) -> None:
    server.on["/generate_batch"] = [lambda line: line.tell(202, {"success": True, "id": "7"})]
    assert scripted_jobs.submit("/generate_batch", {"texts": ["x"]}, name="n")["id"] == "7"
    (asked,) = server.of("/generate_batch")
    assert (asked.headers["prefer"], asked.headers["idempotency-key"]) == ("respond-async", "n")
    assert object_in(asked.body) == {"texts": ["x"]}
