"""docs/recipes.md: each recipe is run as it stands there, against the real servers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest
import webvtt

from tests import web
from tests.e2e.conftest import find_chromium, need
from tests.e2e.consumers.chromium import opened
from tests.e2e.consumers.sites import served
from tests.e2e.recipes.document import FOLDER, run, shown
from tests.servers import Running, free_ports, running_servers

Cook = Callable[[str], str]
RECEIVER = "localhost:9000"


@pytest.fixture(scope="module")
def receiver() -> str:
    """A free port in place of the receiver's."""
    return f"localhost:{free_ports(1)[0]}"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory, receiver: str) -> Iterator[Running]:
    settings = {
        "VOICE_DATA": str(tmp_path_factory.mktemp("data")),
        "VOICE_STORE_DAYS": "1",
        "VOICE_CALLBACK_HOSTS": receiver,
    }
    with running_servers(tmp_path_factory.mktemp("servers"), settings) as running:
        yield running


@pytest.fixture
def urls(servers: Running, receiver: str) -> dict[str, str]:
    port = receiver.rpartition(":")[2]
    return {
        "http://localhost:5000": servers.tts,
        "http://localhost:9000": f"http://{receiver}",
        '("localhost", 9000)': f'("localhost", {port})',
    }


@pytest.fixture
def cook(tmp_path: Path, urls: dict[str, str]) -> Cook:
    return lambda name: run(name, tmp_path, urls)


def seconds(file: Path) -> float:
    with av.open(str(file), "r") as opened_file:
        (stream,) = opened_file.streams.audio
        frames = opened_file.decode(stream)
        return sum(frame.samples / frame.sample_rate for frame in frames)


def test_the_document_shows_each_file_as_it_is() -> None:
    files = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.iterdir()}
    assert shown() == files


@pytest.mark.parametrize("name", ["openai_client.py", "openai_client.mjs"])
def test_openais_clients_speak_and_hear_at_one_address(
    cook: Cook, tmp_path: Path, name: str
) -> None:
    printed = cook(name)
    assert "good morning" in printed.lower()
    assert 1 < seconds(tmp_path / "hello.mp3") < 6
    if name.endswith(".py"):
        times = [float(line.split()[0]) for line in printed.splitlines()[1:]]
        assert len(times) >= 4
        assert times == sorted(times)


def test_audio_comes_as_a_file(cook: Cook, tmp_path: Path) -> None:
    assert cook("bytes.sh").lower().startswith("x-voice-seed: ")
    assert (tmp_path / "hello.flac").read_bytes()[:4] == b"fLaC"
    assert 1 < seconds(tmp_path / "hello.flac") < 6


def test_markers_have_their_times(cook: Cook, tmp_path: Path) -> None:
    lines = cook("narrate.sh").splitlines()
    names, times = zip(*(line.split() for line in lines[:3]), strict=True)
    assert names == ("plan", "planned", "ship")
    assert sorted(times, key=float) == list(times)
    assert lines[3] == "WEBVTT"
    told = json.loads((tmp_path / "narrated.json").read_text())
    assert [word["word"] for word in told["words"]] == told["text"].split()


def test_slides_are_narrated_in_one_call(cook: Cook, tmp_path: Path) -> None:
    first, second = cook("narrate.py").splitlines()
    assert first.startswith("0 Welcome to the demo. {'name': ")
    assert second.startswith("1 Now we ship it, and rest. {'ship': ")
    for number in range(2):
        assert seconds(tmp_path / f"slide-{number}.mp3") > 0.8
        assert webvtt.WebVTT.read(str(tmp_path / f"slide-{number}.vtt")).captions


def test_clips_are_verified(cook: Cook) -> None:
    lines = cook("verify.py").splitlines()
    assert [line.split()[0] for line in lines[::2]] == ["good", "good"]
    assert all(line.endswith(" takes") for line in lines[1::2])


@pytest.mark.parametrize("name", ["job.py", "job.mjs", "jobs_client.py"])
def test_a_batch_becomes_a_job(cook: Cook, tmp_path: Path, name: str) -> None:
    printed = cook(name).splitlines()
    if name == "jobs_client.py":
        assert [line.split()[0] for line in printed] == ["0", "1"]
        assert all(0.2 < float(line.split()[1]) < 3 for line in printed)
        return
    assert printed[-1] == ("3 clips" if name == "job.py" else "job done")
    assert all(0.2 < seconds(tmp_path / f"{number}.mp3") < 3 for number in range(3))


@pytest.mark.parametrize("name", ["job.py", "job.mjs", "job.sh"])
def test_a_servers_address_may_have_a_prefix(
    urls: dict[str, str], tmp_path: Path, name: str
) -> None:
    base = f"{urls['http://localhost:5000']}/tts"
    printed = run(name, tmp_path, {**urls, "http://localhost:5000": base})
    if name == "job.sh":
        assert [printed.count(f'"index": {number}') >= 1 for number in range(3)] == [True] * 3
    else:
        assert printed.splitlines()[-1] == ("3 clips" if name == "job.py" else "job done")


def test_a_job_is_followed_by_curl(cook: Cook, servers: Running) -> None:
    printed = cook("job.sh")
    assert [printed.count(f'"index": {number}') >= 1 for number in range(3)] == [True] * 3
    assert web.get(f"{servers.tts}/jobs", trust_env=False).json()["success"] is True


def test_the_server_calls_when_a_job_is_done(cook: Cook) -> None:
    job, *rest = cook("callback.py").split()
    assert job
    assert rest == ["done", "2", "of", "2"]


def test_what_is_said_twice_is_spoken_once(cook: Cook) -> None:
    assert [line.split()[-1] for line in cook("store.sh").splitlines()] == [
        "false", "true", "false",
    ]  # fmt: skip


def test_a_recording_gets_subtitles(cook: Cook, servers: Running, tmp_path: Path) -> None:
    spoken = web.post(
        f"{servers.tts}/generate", json={"text": "Good morning, and welcome to the show."},
        headers={"Accept": "audio/wav"}, trust_env=False, timeout=60,
    )  # fmt: skip
    (tmp_path / "recording.wav").write_bytes(spoken.content)
    assert cook("subtitles.sh").startswith("WEBVTT")
    for subtitles in (
        webvtt.WebVTT.read(str(tmp_path / "recording.vtt")),
        webvtt.WebVTT.from_srt(str(tmp_path / "recording.srt")),
    ):
        assert "morning" in " ".join(each.text for each in subtitles.captions).lower()


def test_a_page_lights_up_words_and_reaches_markers(urls: dict[str, str], tmp_path: Path) -> None:
    text = shown()["player.html"]
    for said, meant in urls.items():
        text = text.replace(said, meant)
    (tmp_path / "player.html").write_text(text, encoding="utf-8")
    with served(tmp_path) as origin, opened(need(find_chromium())) as seen:
        seen.page.goto(f"{origin}/player.html")
        seen.page.wait_for_function("document.querySelectorAll('#text span').length === 10")
        seen.page.evaluate("document.getElementById('audio').muted = true")
        seen.page.evaluate("document.getElementById('audio').play()")
        seen.page.wait_for_selector(".said")
        seen.page.wait_for_selector("#ship[data-reached]")
        plan, ship = (
            float(seen.page.get_attribute(f"#{name}", "data-reached") or 0)
            for name in ("plan", "ship")
        )
        assert 0 < plan < ship
        assert seen.complaints == []
