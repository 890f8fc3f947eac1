"""What the team's scripts are told when a request cannot be served."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.e2e.leases import drained
from tests.e2e.samples import BODY_SIZES, SECRET, TOO_LARGE
from tests.e2e.scripts import run_script
from tests.servers import Running

Results = dict[str, Any]
# name in axios_scenarios.mjs, status, what the message for the person has to hold
REFUSALS = (
    ("empty text", 400, "empty"),
    ("empty after cleaning", 400, "empty"),
    ("no text", 400, "text"),
    ("malformed", 400, "not valid JSON"),
    ("texts of the wrong type", 400, "texts"),
    ("no texts", 400, "texts"),
    ("one empty text", 400, "texts[1]"),
    ("too few instructs", 400, "instructs"),
    ("bad base64", 400, "audio"),
    ("no audio file", 400, "audio"),
    ("unknown language", 400, "language"),
    ("align without text", 400, "text"),
    ("no such path", 404, "/docs"),
    ("wrong method", 405, "use POST"),
    ("long text", 413, "5000 fit"),
    ("many texts", 413, "128 fit"),
    ("no JSON", 415, "application/json"),
)


@pytest.fixture(scope="module")
def refusals(node: str, cpu_servers: Running, tmp_path_factory: pytest.TempPathFactory) -> Results:
    config = {"server_url": cpu_servers.tts, "whisper_url": cpu_servers.whisperx}
    return run_script(node, tmp_path_factory.mktemp("scripts"), "refusals", config=config)


@pytest.mark.parametrize(("name", "status", "words"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_axios_throws_with_a_reason(refusals: Results, name: str, status: int, words: str) -> None:
    refusal = refusals[name]
    assert refusal["thrown"] == f"Request failed with status code {status}"
    assert refusal["status"] == status
    assert refusal["success"] is False
    assert words in refusal["error"]


def config_of(keyed_servers: Running) -> dict[str, str]:
    return {
        "server_url": f"{keyed_servers.tts}/tts",
        "whisper_url": f"{keyed_servers.whisperx}/whisperx",
        "api_key": SECRET,
    }


def check_big(answers: list[Results], status: int, words: str) -> None:
    """Every answer arrived whole, though the server did not want the body."""
    assert [answer.get("status") or answer["thrown"] for answer in answers] == [status] * 3
    assert all(words in answer["error"] for answer in answers)


@pytest.mark.parametrize("size", TOO_LARGE)
def test_a_body_that_is_too_large_is_told_so(
    node: str, keyed_servers: Running, tmp_path: Path, size: int
) -> None:
    config = config_of(keyed_servers)
    found = run_script(node, tmp_path, "big", config=config, sizes=[size], with_key=True)
    check_big(found[str(size)], 413, "1 MiB")


@pytest.mark.parametrize("size", BODY_SIZES)
def test_a_large_body_without_a_key_is_told_so(
    node: str, keyed_servers: Running, tmp_path: Path, size: int
) -> None:
    config = config_of(keyed_servers)
    found = run_script(node, tmp_path, "big", config=config, sizes=[size], with_key=False)
    check_big(found[str(size)], 401, "valid key")


@pytest.mark.parametrize("size", BODY_SIZES)
def test_a_large_body_for_a_server_about_to_stop_is_told_so(
    node: str, keyed_servers: Running, tmp_path: Path, size: int
) -> None:
    config = config_of(keyed_servers)
    with drained(keyed_servers):
        found = run_script(node, tmp_path, "big", config=config, sizes=[size], with_key=True)
    check_big(found[str(size)], 503, "about to be stopped")


def test_a_server_about_to_stop_says_when_to_try_again(
    node: str, keyed_servers: Running, tmp_path: Path
) -> None:
    with drained(keyed_servers):
        found = run_script(node, tmp_path, "configured", config=config_of(keyed_servers))
    assert found["tts_health"]["status"] == found["whisperx_health"]["status"] == "ok"
    for name in ("generate", "transcribe", "align"):
        assert found[name]["status"] == 503
        assert "Try again" in found[name]["error"]
        assert 1 <= int(found[name]["retry_after"]) <= 30


def test_a_caller_with_too_much_waiting_is_told_when_to_try_again(
    node: str, keyed_servers: Running, tmp_path: Path
) -> None:
    refused = run_script(node, tmp_path, "busy", config=config_of(keyed_servers))["second"]
    assert refused["status"] == 429
    assert "waiting" in refused["error"]
    assert int(refused["retry_after"]) >= 1
