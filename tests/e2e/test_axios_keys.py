"""The team's scripts against servers with keys and path prefixes, and answers that take long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.samples import LONG_TEXT, SECRET
from tests.e2e.scripts import run_script
from tests.servers import Running

Results = dict[str, Any]
NOBODY = "http://localhost:1"


def with_user(url: str) -> str:
    return url.replace("//", f"//key:{SECRET}@")


def check_served(found: Results) -> None:
    """Health, speech, transcription and alignment all worked."""
    for name in ("tts_health", "whisperx_health"):
        assert found[name]["status"] == "ok"
    for name in ("generate", "transcribe", "align"):
        assert found[name].get("success") is True, found[name]
    assert [word["word"] for word in found["align"]["words"]] == ["Hello", "there."]


@pytest.mark.parametrize("prefixes", [("", ""), ("/tts", "/whisperx")], ids=["bare", "prefixed"])
def test_server_config_leads_to_the_servers(
    node: str, keyed_servers: Running, tmp_path: Path, prefixes: tuple[str, str]
) -> None:
    config = {
        "server_url": keyed_servers.tts + prefixes[0],
        "whisper_url": keyed_servers.whisperx + prefixes[1],
        "api_key": SECRET,
    }
    check_served(run_script(node, tmp_path, "configured", config=config))


@pytest.mark.parametrize("prefixes", [("", ""), ("/tts", "/whisperx")], ids=["bare", "prefixed"])
def test_a_key_in_the_url_needs_no_change_of_the_scripts(
    node: str, keyed_servers: Running, tmp_path: Path, prefixes: tuple[str, str]
) -> None:
    config = {
        "server_url": with_user(keyed_servers.tts) + prefixes[0],
        "whisper_url": with_user(keyed_servers.whisperx) + prefixes[1],
    }
    check_served(run_script(node, tmp_path, "configured", config=config))


def test_the_environment_wins_over_the_file(
    node: str, keyed_servers: Running, tmp_path: Path
) -> None:
    config = {"server_url": NOBODY, "whisper_url": NOBODY, "api_key": "gv_wrong"}
    environment = {
        "TTS_SERVER_URL": f"{keyed_servers.tts}/tts",
        "WHISPER_URL": f"{keyed_servers.whisperx}/whisperx",
        "TTS_API_KEY": SECRET,
    }
    check_served(run_script(node, tmp_path, "configured", config=config, environment=environment))


@pytest.fixture(scope="module")
def keyed(keyed_servers: Running) -> dict[str, str]:
    return {
        "server_url": keyed_servers.tts,
        "whisper_url": keyed_servers.whisperx,
        "api_key": SECRET,
    }


@pytest.fixture(scope="module")
def wrong_keys(
    node: str, keyed: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Results:
    return run_script(node, tmp_path_factory.mktemp("scripts"), "wrong_keys", config=keyed)


@pytest.mark.parametrize(
    "name",
    ["no key", "wrong X-API-Key", "wrong Bearer", "wrong user information", "no key to listen"],
)
def test_without_a_valid_key_nothing_is_served(wrong_keys: Results, name: str) -> None:
    assert wrong_keys[name]["status"] == 401
    assert "X-API-Key" in wrong_keys[name]["error"]


def test_a_key_may_come_as_bearer(wrong_keys: Results) -> None:
    assert wrong_keys["bearer"]["success"] is True


@pytest.fixture(scope="module")
def long(node: str, keyed: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("scripts")
    return run_script(node, folder, "long", config=keyed, text=LONG_TEXT)


def test_a_long_answer_is_kept_alive_with_white_space(long: Results) -> None:
    assert long["raw"]["seconds"] > 3
    assert long["raw"]["spaces"] >= 3


def test_axios_parses_a_long_answer(long: Results) -> None:
    assert long["parsed"]["success"] is True
    assert long["parsed"]["audio"]["rate"] == 24000
    assert long["parsed"]["audio"]["whole"] is True


def test_a_failure_after_the_first_white_space_says_so(long: Results) -> None:
    assert long["failed"]["status"] == 200
    assert long["failed"]["told"] == 503
    assert long["failed"]["success"] is False
    assert "deadline" in long["failed"]["error"]
