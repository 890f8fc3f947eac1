"""`config` writes and shows which servers are meant, and keeps a key to itself."""

from __future__ import annotations

import json
import stat
import subprocess
from pathlib import Path

import pytest

from tests.client.cli.conftest import Run

KEY = "gv_alice-s3cret"


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_a_deployment_and_a_key_are_written_as_the_scripts_read_them(
    run: Run, folder: Path
) -> None:
    (folder / "key").write_text(f"{KEY}\n")
    ran = run("config", "init", "--url", "https://gpu.example.com/", "--api-key-file", "key")
    assert ran.code == 0
    assert json.loads((folder / "server_config.json").read_text()) == {
        "server_url": "https://gpu.example.com/tts",
        "whisper_url": "https://gpu.example.com/whisperx",
        "api_key": KEY,
    }
    assert mode(folder / "server_config.json") == 0o600
    assert KEY not in ran.out + ran.err


def test_a_key_may_come_from_stdin(run: Run, folder: Path) -> None:
    assert run("config", "init", "--api-key-file", "-", stdin=f"{KEY}\n").code == 0
    assert json.loads((folder / "server_config.json").read_text()) == {"api_key": KEY}


def test_without_a_key_others_may_read_it(run: Run, folder: Path) -> None:
    run("config", "init", "--tts-url", "http://localhost:5010")
    assert mode(folder / "server_config.json") == 0o644


def test_a_password_in_a_url_is_a_key_too(run: Run, folder: Path) -> None:
    run("config", "init", "--tts-url", "http://key:s3cret@host:5010")
    assert mode(folder / "server_config.json") == 0o600
    assert "s3cret" not in run("config", "show").out


def test_a_file_that_is_there_stays_without_force(run: Run, folder: Path) -> None:
    (folder / "server_config.json").write_text("{}")
    refused = run("config", "init", "--url", "https://gpu.example.com")
    assert (refused.code, "--force" in refused.err) == (2, True)
    assert (folder / "server_config.json").read_text() == "{}"
    assert run("config", "init", "--url", "https://gpu.example.com", "--force").code == 0
    assert "gpu.example.com" in (folder / "server_config.json").read_text()


def test_the_users_own_file_holds_in_every_folder(run: Run, folder: Path) -> None:
    run("config", "init", "--url", "https://gpu.example.com", "--user")
    assert run("config", "path").out.endswith("home/.config/gpuvoice/server_config.json\n")
    assert "https://gpu.example.com/power" in run("config", "show").out


def test_each_value_is_shown_with_its_source_and_the_key_is_not(run: Run, folder: Path) -> None:
    (folder / "server_config.json").write_text(json.dumps({"server_url": "http://a:1/tts"}))
    told = run("config", "show", "--json", TTS_API_KEY=KEY).json
    file = str(folder / "server_config.json")
    assert told["speech_url"] == {"value": "http://a:1/tts", "source": file}
    assert told["power_url"] == {"value": "http://a:1/power", "source": "beside the speech server"}
    assert told["recognition_url"] == {"value": "http://localhost:5001", "source": "default"}
    assert told["api_key"] == {"value": "***", "source": "TTS_API_KEY"}
    shown = run("config", "show", TTS_API_KEY=KEY)
    assert "TTS_API_KEY" in shown.out
    assert KEY not in shown.out + shown.err


def test_no_file_is_said_to_be_so(run: Run) -> None:
    ran = run("config", "path")
    assert (ran.code, "gpuvoice config init" in ran.err) == (2, True)


@pytest.mark.parametrize("ignored", [True, False])
def test_a_key_that_git_would_commit_is_warned_of(run: Run, folder: Path, ignored: bool) -> None:
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / ".gitignore").write_text("server_config.json\n" if ignored else "")
    ran = run("config", "init", "--api-key-file", "-", stdin=KEY)
    assert (".gitignore" in ran.err) is not ignored


def test_a_broken_file_ends_with_2_and_shows_no_key(run: Run, folder: Path) -> None:
    (folder / "server_config.json").write_text('{"api_key": "gv_alice-s3cret",}')
    ran = run("config", "show", "--json")
    assert (ran.code, ran.json["kind"]) == (2, "ConfigError")
    assert "line 1" in ran.json["error"]
    assert "s3cret" not in ran.out + ran.err


def test_the_words_are_not_asked_for_where_nobody_can_answer(run: Run) -> None:
    assert run("config", "init").code == 2
