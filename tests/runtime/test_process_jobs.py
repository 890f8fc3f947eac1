"""Jobs outlive kill -9 of both servers: real processes, real voice and ears, real disk."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests import web
from tests.patience import until
from tests.runtime.conftest import read_wav
from tests.servers import Running, running_servers

ITEMS = 60
TEXTS = [f"Sentence number {number} of them." for number in range(ITEMS)]
MARKED = [f"{{#a}}Slide {number} is{{b#}} here." for number in range(ITEMS)]
START_SECONDS = 120


SLOW = {"VOICE_ENGINE": "clock", "VOICE_BATCH_ROWS": "1", "VOICE_HEARTBEAT_SECONDS": "1"}


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Running]:
    with running_servers(tmp_path, {"VOICE_START_SECONDS": "1"}) as running:
        yield running


def begin(servers: Running, path: str, body: dict[str, Any]) -> str:
    answer = web.post(
        servers.tts + path, json=body, headers={"Prefer": "respond-async"}, timeout=60
    )
    assert answer.status_code == 202, answer.text
    return servers.tts + answer.headers["Location"]


def job(url: str) -> dict[str, Any] | None:
    """How it stands; None while nobody answers."""
    try:
        answer = web.get(url, timeout=5)
    except httpx.HTTPError:
        return None
    found: dict[str, Any] = answer.json()
    return found if answer.status_code == httpx.codes.OK else None


def has_done(url: str, count: int) -> bool:
    found = job(url)
    return found is not None and found["done"] >= count


def has_ended(url: str) -> bool:
    found = job(url)
    return found is not None and found["ended_at"] is not None


def gunicorns(*urls: str) -> list[psutil.Process]:
    """Masters and workers of the servers there; servers of other tests may run beside them."""
    ends = tuple(":" + url.rsplit(":", 1)[-1] for url in urls)
    found: list[psutil.Process] = []
    for process in psutil.Process(os.getpid()).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if any(word.endswith(ends) for word in process.cmdline()):
                found.append(process)
    return found


def kill_both(servers: Running) -> None:
    killed = gunicorns(servers.tts, servers.whisperx)
    assert len(killed) == 4
    for process in killed:
        process.kill()
    _, left = psutil.wait_procs(killed, timeout=30)
    assert not left


def kept(folder: Path) -> dict[Path, tuple[int, int]]:
    """What tells each finished item's file from one that was made again."""
    found = folder.glob("data/jobs/items/tts/*/*/made/*")
    states = {path: path.stat() for path in found if path.name.isdecimal()}
    return {path: (state.st_ino, state.st_mtime_ns) for path, state in states.items()}


def lines(url: str) -> list[dict[str, Any]]:
    text = web.get(f"{url}/results", timeout=60).text
    found = [json.loads(line) for line in text.splitlines() if line]
    assert found[-1]["job"]["status"] == "done"
    return found[:-1]


def test_jobs_survive_the_kill_of_both_servers_twice(tmp_path: Path, servers: Running) -> None:
    spoken = begin(servers, "/generate_batch", {"texts": TEXTS})
    narrated = begin(servers, "/narrate", {"texts": MARKED})
    finished: dict[Path, tuple[int, int]] = {}
    for done in (10, 30):
        until(lambda d=done: has_done(spoken, d), START_SECONDS)  # type: ignore[misc]
        kill_both(servers)
        assert len(list(tmp_path.glob("data/jobs/open/tts/local/*/*"))) == 2
        now = kept(tmp_path)
        assert finished.items() <= now.items()
        assert done <= len(now) < 2 * ITEMS
        finished = now
    until(lambda: has_ended(spoken) and has_ended(narrated), START_SECONDS)

    assert finished.items() <= kept(tmp_path).items()
    assert len(kept(tmp_path)) == 2 * ITEMS
    assert list(tmp_path.glob("data/jobs/open/tts/local/*/*")) == []

    waited = web.post(servers.tts + "/generate_batch", json={"texts": TEXTS}, timeout=120).json()
    clips = lines(spoken)
    assert [line["index"] for line in clips] == list(range(ITEMS))
    assert [line["audio"] for line in clips] == waited["audios"]

    slides = lines(narrated)
    assert [line["text"] for line in slides] == [f"Slide {n} is here." for n in range(ITEMS)]
    for line in slides:
        assert [word["word"] for word in line["words"]] == line["text"].split()
        assert [marker["id"] for marker in line["markers"]] == ["a", "b"]
        samples, rate = read_wav(line["audio"])
        assert line["duration"] == pytest.approx(len(samples) / rate, abs=0.001)


def test_a_stopped_server_ends_its_streams_and_leaves_its_jobs_to_the_next(
    tmp_path: Path,
) -> None:
    settings = {**SLOW, "VOICE_START_SECONDS": "1", "VOICE_GRACEFUL_SECONDS": "60"}
    with running_servers(tmp_path, settings) as servers:
        url = begin(servers, "/generate_batch", {"texts": TEXTS})
        found: list[dict[str, Any]] = []
        with web.stream("GET", f"{url}/results", timeout=60) as stream:
            for line in stream.iter_lines():
                if line:
                    found.append(json.loads(line))
                if len(found) == 2:
                    stop_speech(servers)
        assert [line.get("index") for line in found[:-1]] == list(range(len(found) - 1))
        assert (found[-1]["status"], found[-1]["next"]) == (503, len(found) - 1)
        before = kept(tmp_path)
        until(lambda: has_done(url, len(found)), START_SECONDS)
        assert before.items() <= kept(tmp_path).items()


def stop_speech(servers: Running) -> None:
    """SIGTERM to the master of the text-to-speech server, as its process manager sends it."""
    min(gunicorns(servers.tts), key=lambda process: process.create_time()).terminate()
