"""Recipes of docs/recipes.md through the proxy: the official OpenAI clients among them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import openai
import pytest

from tests.client.proxy.running import Proxied, proxy_before
from tests.client.proxy.scripted import Line, Scripted
from tests.client.proxy.sleeping import calls_of, phase
from tests.e2e.console.cloud import Cloud
from tests.e2e.recipes.document import attempted, run
from tests.patience import until
from tests.servers import Running


@pytest.fixture(scope="module")
def real(cpu_servers: Running) -> Iterator[Proxied]:
    """The proxy before the servers of a laptop."""
    with proxy_before(cpu_servers.tts, cpu_servers.whisperx) as made:
        yield made


@pytest.mark.parametrize(("name", "printed"), [
    ("openai_client.py", "good morning"),
    ("openai_client.mjs", "good morning"),
    ("bytes.sh", "x-voice-seed"),
    ("narrate.py", "1 now we ship it, and rest."),
    ("job.py", "3 clips"),
    ("job.mjs", "job done"),
])  # fmt: skip
@pytest.mark.parametrize("console", [False, True])
def test_a_recipe_works_through_the_proxy(
    real: Proxied, tmp_path: Path, name: str, printed: str, console: bool
) -> None:
    base = f"{real.console}/tts" if console else real.speech
    assert printed in run(name, tmp_path, {"http://localhost:5000": base}).lower()


LINE = json.dumps({"index": 0, "audio": base64.b64encode(b"clip").decode()}).encode() + b"\n"
END = json.dumps({"job": {"status": "done", "ended_at": "2026-11-24T10:00:00Z"}}).encode() + b"\n"
GOES_ON = json.dumps({"job": {"status": "running", "ended_at": None}}).encode() + b"\n"


def broken_off(line: Line) -> None:
    line.begin(200, Content_Type="application/x-ndjson", Transfer_Encoding="chunked")
    line.part(LINE)
    line.cut()


def taken_as(job: str, upstream: Scripted) -> None:
    upstream.on["/generate_batch"] = [lambda line: line.tell(202, {"id": "7"}, Location=job)]


@pytest.mark.parametrize("name", ["job.py", "job.mjs"])
def test_a_job_is_followed_over_a_busy_moment_and_a_break(
    upstream: Scripted, tmp_path: Path, name: str
) -> None:
    taken_as("/jobs/7", upstream)
    upstream.on["/jobs/7/results?from=0"] = [
        lambda line: line.tell(503, {"error": "Restarting."}, Retry_After="1"),
        broken_off,
    ]
    upstream.on["/jobs/7/results?from=1"] = [
        lambda line: line.say(200, b'{"success": false, "error": "Stopping."}\n'),
        lambda line: line.say(200, GOES_ON),
        lambda line: line.say(200, END),
    ]
    printed = run(name, tmp_path, {"http://localhost:5000": upstream.url})
    assert printed.splitlines()[-1] == ("1 clips" if name == "job.py" else "job done")
    assert (tmp_path / "0.mp3").read_bytes() == b"clip"
    assert len(upstream.asked) == 6


@pytest.mark.parametrize("name", ["job.py", "job.mjs", "job.sh"])
@pytest.mark.parametrize("status", [401, 404])
def test_a_job_that_is_gone_or_not_ours_ends_the_recipe_at_once(
    upstream: Scripted, tmp_path: Path, name: str, status: int
) -> None:
    taken_as("/jobs/7", upstream)
    for path in ("/jobs/7", "/jobs/7/results", "/jobs/7/results?from=0"):
        upstream.on[path] = [lambda line: line.tell(status, {"error": "No such job."})]
    done = attempted(name, tmp_path, {"http://localhost:5000": upstream.url})
    assert done.returncode != 0
    assert len(upstream.asked) == 2
    assert str(status) in done.stderr or "No such job." in done.stderr


def test_a_job_that_was_deleted_ends_the_recipe(real: Proxied, tmp_path: Path) -> None:
    text = {
        "http://localhost:5000": real.speech,
        "ended, first, pause": "requests.delete(job, timeout=60)\nended, first, pause",
    }
    done = attempted("job.py", tmp_path, text)
    assert done.returncode != 0
    assert "404" in done.stderr


@pytest.mark.parametrize(("answer", "told"), [
    ({"success": False, "error": "The model is loading."}, "The model is loading."),
    ({"success": True, "items": [{"error": "texts[0]: is empty."}]}, "0 texts[0]: is empty."),
])  # fmt: skip
@pytest.mark.parametrize("name", ["verify.py", "narrate.py"])
def test_what_could_not_be_narrated_is_told(
    upstream: Scripted, tmp_path: Path, name: str, answer: dict[str, object], told: str
) -> None:
    upstream.on["/narrate"] = [lambda line: line.tell(200, answer)]
    done = attempted(name, tmp_path, {"http://localhost:5000": upstream.url})
    assert (done.stdout + done.stderr).strip() == told
    assert (done.returncode != 0) is (answer["success"] is False)


@pytest.mark.parametrize("name", ["openai_client.py", "openai_client.mjs"])
def test_an_official_client_wakes_a_sleeping_gpu_and_is_answered(
    cloud: Cloud, asleep: Proxied, tmp_path: Path, name: str
) -> None:
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(run, name, tmp_path, {"http://localhost:5000": asleep.speech})
        until(lambda: phase(cloud) == "starting", 60)
        until(lambda: calls_of(asleep)[0]["seconds"] > 0.6)
        cloud.start()
        running.result()
    assert (tmp_path / "hello.mp3").stat().st_size > 1000
    assert [call["state"] for call in calls_of(asleep)] == ["done", "done"]


def test_what_a_client_did_wrong_is_told_in_the_servers_words(real: Proxied) -> None:
    with openai.OpenAI(base_url=f"{real.speech}/v1", api_key="none", max_retries=0) as client:
        assert "tts-1" in [model.id for model in client.models.list()]
        with pytest.raises(openai.NotFoundError) as unknown:
            client.audio.speech.create(model="tts-9", input="One.", voice="alloy")
        assert unknown.value.code == "model_not_found"
        with pytest.raises(openai.BadRequestError) as wrong:
            client.audio.speech.create(model="tts-1", input="One.", voice="nobody")
        assert wrong.value.param == "voice"
        with pytest.raises(openai.BadRequestError):
            client.audio.transcriptions.create(model="whisper-1", file=("a.wav", b"no sound"))
