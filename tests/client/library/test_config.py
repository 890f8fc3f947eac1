"""Which servers are meant, and that a key shows itself nowhere."""

from __future__ import annotations

import json
import logging
import pickle
from pathlib import Path

import pytest

from gpuvoice.config import ClientConfig
from gpuvoice.errors import ConfigError, GpuVoiceError
from gpuvoice.secret import Secret
from gpuvoice.speech import Speech
from tests.client.library.servers import GOOD, Scripted

KEY = "gv_alice-s3cret"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    deep = tmp_path / "project/slides/week"
    deep.mkdir(parents=True)
    return deep


def write(folder: Path, **entries: object) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "server_config.json"
    file.write_text(json.dumps(entries))
    return file


def resolved(folder: Path, **environ: str) -> ClientConfig:
    return ClientConfig.resolve(environ={"HOME": str(folder / "home"), **environ}, folder=folder)


def test_nothing_said_means_this_machine(folder: Path) -> None:
    found = resolved(folder)
    assert (found.speech_url, found.recognition_url) == (
        "http://localhost:5000",
        "http://localhost:5001",
    )
    assert found.power_url == "http://localhost:5000/power"
    assert not found.api_key
    assert set(found.sources.values()) == {"default", "beside the speech server", "none"}


def test_argument_wins_over_environment_over_file(folder: Path) -> None:
    file = write(folder, server_url="http://file/tts", whisper_url="http://file/w", api_key="k1")
    assert resolved(folder).speech_url == "http://file/tts"
    found = resolved(folder, TTS_SERVER_URL="http://environment/tts", TTS_API_KEY="")
    assert found.speech_url == "http://environment/tts"
    assert (found.recognition_url, found.api_key) == ("http://file/w", Secret("k1"))
    assert found.sources["speech_url"] == "TTS_SERVER_URL"
    assert found.sources["api_key"] == str(file) == str(found.file)
    given = ClientConfig.resolve(
        speech_url="http://argument",
        environ={"TTS_SERVER_URL": "http://environment"},
        folder=folder,
    )
    assert (given.speech_url, given.sources["speech_url"]) == ("http://argument", "argument")


def test_the_file_is_the_nearest_upwards_and_then_the_users_own(folder: Path) -> None:
    write(folder / "home/.config/gpuvoice", server_url="http://own")
    assert resolved(folder).speech_url == "http://own"
    write(folder.parents[1], server_url="http://project")
    assert resolved(folder).speech_url == "http://project"
    write(folder.parent, server_url="http://slides")
    assert resolved(folder).speech_url == "http://slides"


def test_the_url_of_a_deployment_stands_for_all_three(folder: Path) -> None:
    found = ClientConfig.resolve(url="https://gpu.example.com/", environ={}, folder=folder)
    assert (found.speech_url, found.recognition_url, found.power_url) == (
        "https://gpu.example.com/tts",
        "https://gpu.example.com/whisperx",
        "https://gpu.example.com/power",
    )


@pytest.mark.parametrize(
    ("speech", "power"),
    [
        ("https://gpu.example.com/tts/", "https://gpu.example.com/power"),
        ("http://localhost:5000", "http://localhost:5000/power"),
        ("https://a/team/tts", "https://a/team/power"),
    ],
)
def test_the_power_switch_is_beside_the_speech_server(
    folder: Path, speech: str, power: str
) -> None:
    assert resolved(folder, TTS_SERVER_URL=speech).power_url == power


@pytest.mark.parametrize(
    "url", ["gpu.example.com", "ftp://a", "http://", "http://a/?b", "http://a:port", "/tts"]
)
def test_what_is_no_url_is_said_with_its_source(folder: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="TTS_SERVER_URL"):
        resolved(folder, TTS_SERVER_URL=url)


@pytest.mark.parametrize("text", ["{", "[]", '{"server_url": 5}', "\udcff"])
def test_a_file_that_cannot_be_used_is_named(folder: Path, text: str) -> None:
    file = folder / "server_config.json"
    file.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ConfigError, match=str(file)):
        resolved(folder)


def test_a_key_with_a_line_in_it_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="Copy it once more"):
        resolved(folder, TTS_API_KEY="gv_a\r\nX-Admin: 1")


def test_a_key_is_shown_nowhere(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    found = resolved(folder, TTS_API_KEY=KEY, TTS_SERVER_URL="http://me:s3cret@server/tts")
    transport = Scripted([(200, {}, GOOD), (500, {}, "oops"), (401, {}, "no")])
    shown = [repr(found), str(found), f"{found.api_key}", repr(found.api_key)]
    with Speech(found, transport=transport) as speech:
        speech.health()
        shown.append(repr(speech))
        for _ in range(2):
            with pytest.raises(GpuVoiceError) as caught:
                speech.health()
            shown.append(str(caught.value))
    assert transport.headers[0]["X-API-Key"] == KEY
    assert transport.headers[0]["Authorization"].startswith("Basic ")
    assert "s3cret" not in " ".join(shown) + caplog.text
    assert "***" in repr(found)
    with pytest.raises(TypeError):
        pickle.dumps(found)
