"""A team's module under the true process manager, beside one of our own servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import web
from tests.patience import until
from tests.runtime.raw_http import connect, request_bytes
from tests.servers import Running, free_ports, running_servers
from voicehost.keys import new_key

ROOT = Path(__file__).parents[2]
SPEECH = str(Path(__file__).with_name("adopted_modules") / "speech_server.py")
INTERNAL = {"X-Voice-Internal": "1"}
CLEAR, DIGEST = new_key()
KEY = {"X-API-Key": CLEAR}
SETTINGS = {
    "VOICE_ENGINE": "clock",
    "VOICE_TTS_APP": SPEECH,
    "VOICE_KEYS": f"alice={DIGEST}",
    "SPEECH_SECONDS": "0.01",
}


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_servers(tmp_path_factory.mktemp("adopted"), SETTINGS) as running:
        yield running


def activity(running: Running) -> dict[str, Any]:
    found: dict[str, Any] = web.get(f"{running.tts}/internal/activity", headers=INTERNAL).json()
    return found


def say(running: Running, text: str) -> httpx.Response:
    url = f"{running.tts}/tts/generate"
    return web.post(url, json={"text": text}, headers=KEY, timeout=60)


def in_background(running: Running, texts: list[str]) -> tuple[list[threading.Thread], list[Any]]:
    answers: list[Any] = []
    callers = [
        threading.Thread(target=lambda text=text: answers.append(say(running, text)))
        for text in texts
    ]
    for caller in callers:
        caller.start()
    return callers, answers


def test_one_server_is_the_team_s_and_the_other_of_the_chosen_family(servers: Running) -> None:
    assert web.get(f"{servers.tts}/health").json()["engine"] == "our-tts"
    assert web.get(f"{servers.whisperx}/health").json()["family"] == "clock"
    assert web.post(f"{servers.tts}/generate", json={"text": "Hi"}).status_code == 401
    assert say(servers, "Hi").json()["success"] is True


def test_what_the_module_prints_is_in_the_log(servers: Running) -> None:
    said = servers.log.read_text()
    assert "loading the model ..." in said
    assert "this part must not run" not in said


def test_eight_callers_are_served_one_after_another_while_health_answers(servers: Running) -> None:
    callers, answers = in_background(servers, ["Good morning to all of you who are here"] * 8)
    until(lambda: activity(servers)["in_flight"] >= 4)
    for path in ("health", "live", "ready"):
        assert web.get(f"{servers.tts}/{path}", timeout=2).status_code == 200
    for caller in callers:
        caller.join()
    assert [answer.status_code for answer in answers] == [200] * 8
    usage = web.get(f"{servers.tts}/usage", headers=KEY).json()
    assert usage == {"most_inside": 1, "threads": 1}


def test_a_caller_that_hangs_up_while_it_waits_has_its_work_dropped(servers: Running) -> None:
    callers, _ = in_background(servers, ["x" * 200])
    until(lambda: activity(servers)["in_flight"] == 1)
    with connect(servers.tts) as sock:
        request = request_bytes("/generate", {"text": "never said"})
        sock.sendall(request.replace(b"\r\n", f"\r\nX-API-Key: {CLEAR}\r\n".encode(), 1))
        until(lambda: activity(servers)["queue_depth"] == 1)
    until(lambda: activity(servers)["queue_depth"] == 0)
    callers[0].join()
    until(lambda: activity(servers)["in_flight"] == 0)


def test_a_stream_arrives_in_parts_while_it_is_made(servers: Running) -> None:
    url = f"{servers.tts}/stream?parts=40"
    with web.stream("GET", url, headers=KEY, timeout=60) as answer:
        parts = answer.iter_text()
        assert next(parts).startswith("0")
        assert activity(servers)["in_flight"] == 1
        rest = "".join(parts)
    assert rest.endswith("39\n")
    until(lambda: activity(servers)["in_flight"] == 0)


def test_a_stream_that_breaks_off_is_no_complete_answer(servers: Running) -> None:
    url = f"{servers.tts}/stream?parts=3&fail=yes"
    with web.stream("GET", url, headers=KEY, timeout=60) as answer:
        assert answer.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()
    until(lambda: activity(servers)["in_flight"] == 0)
    assert say(servers, "Hi").status_code == 200


def test_a_stream_whose_reader_has_gone_ends(servers: Running) -> None:
    url = f"{servers.tts}/stream?parts=1000000"
    with web.stream("GET", url, headers=KEY, timeout=60) as answer:
        assert next(answer.iter_text()).startswith("0")
    until(lambda: activity(servers)["in_flight"] == 0)
    assert say(servers, "Hi").status_code == 200


def test_a_request_line_and_metrics_are_logged_without_what_was_said(servers: Running) -> None:
    url = f"{servers.tts}/generate"
    headers = {**KEY, "X-Request-Id": "the-one"}
    web.post(url, json={"text": "nobody may read this"}, headers=headers, timeout=60)
    until(lambda: "the-one" in servers.log.read_text())
    (line,) = [line for line in servers.log.read_text().splitlines() if "the-one" in line]
    logged = json.loads(line)
    assert (logged["key"], logged["status"], logged["items"]) == ("alice", 200, 1)
    assert "nobody may read" not in servers.log.read_text()
    assert CLEAR not in servers.log.read_text()


def test_a_stop_lets_what_runs_and_what_waits_finish(tmp_path: Path) -> None:
    settings = {**SETTINGS, "VOICE_GRACEFUL_SECONDS": "60"}
    with running_servers(tmp_path, settings) as running:
        drain = {"json": {"seconds": 60}, "headers": INTERNAL}
        callers, answers = in_background(running, ["x" * 100] * 3)
        until(lambda: activity(running)["queue_depth"] == 2)
        refused = web.post(f"{running.tts}/internal/drain", **drain)  # type: ignore[arg-type]
        assert refused.status_code == 409
    for caller in callers:
        caller.join()
    assert [answer.json()["success"] for answer in answers] == [True] * 3


def test_a_model_that_does_not_load_ends_the_container_and_names_the_module(
    tmp_path: Path,
) -> None:
    module = tmp_path / "unlucky_server.py"
    module.write_text(
        "from flask import Flask\napp = Flask(__name__)\n"
        "def initialize_model(): raise RuntimeError('no weights in /data')\n"
    )
    tts, whisperx = free_ports(2)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICE_")}
    given = {
        **kept,
        "TTS_PORT": str(tts),
        "WHISPERX_PORT": str(whisperx),
        "VOICEHOST_RUN": str(tmp_path),
        "VOICEHOST_PYTHON": sys.executable,
        "VOICE_ENGINE": "clock",
        "VOICE_TTS_APP": str(module),
        "VOICE_START_SECONDS": "20",
    }
    done = subprocess.run(
        ["/bin/sh", str(ROOT / "containers/voice/run.sh")],
        env=given, capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert (
        f"VOICE_TTS_APP={module}: initialize_model failed: RuntimeError: no weights" in done.stdout
    )
    assert "failed again and again" in done.stderr
