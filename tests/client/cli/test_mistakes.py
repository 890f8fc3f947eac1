"""What goes wrong is said before the work, in words, and with --json as one object."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.client.cli.conftest import Run
from tests.client.cli.deployment import Deployment
from tests.servers import Running

NOBODY = {"TTS_SERVER_URL": "http://127.0.0.1:9", "WHISPER_URL": "http://127.0.0.1:9"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["say", "--json"],
        ["say", "hi", "-o", "a.xyz", "--json"],
        ["completion", "--json"],
        ["say", "--nothing", "hi", "--json"],
        ["--nothing", "--json"],
        ["nothing", "--json"],
    ],
)
def test_wrong_usage_is_one_object_too(run: Run, arguments: list[str]) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert (ran.json["success"], ran.json["kind"], ran.json["exit_code"]) == (
        False, "UsageError", 2,
    )  # fmt: skip
    assert ran.json["error"] in ran.err


def test_what_stands_after_two_dashes_is_no_option(run: Run) -> None:
    assert run("say", "-o", "a.xyz", "--", "--json").out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["say", "-f", "no.txt"],
        ["align", "no.wav", "a"],
        ["transcribe", "no.wav"],
        ["narrate", "no.json", "-d", "out"],
    ],
)
def test_a_missing_file_ends_with_2_everywhere(run: Run, arguments: list[str]) -> None:
    ran = run(*arguments, **NOBODY)
    assert (ran.code, "cannot be read: No such file" in ran.err) == (2, True)


def test_a_file_that_cannot_be_read_stops_no_other(run: Run, local: Running) -> None:
    run("say", "Good morning.", "-o", "a.wav")
    ran = run("transcribe", "a.wav", "no.wav", ".", "a.wav")
    assert [line.split("\t")[0] for line in ran.out.splitlines()] == ["a.wav", "a.wav"]
    assert ran.code == 2
    assert "no.wav cannot be read" in ran.err
    told = run("transcribe", "a.wav", "no.wav", "a.wav", "--json").json
    assert ["text" in each for each in told["transcriptions"]] == [True, False, True]
    assert (told["kind"], told["exit_code"]) == ("ConfigError", 2)


def test_files_of_which_none_is_there_wake_nothing(run: Run, cloud: Deployment) -> None:
    assert run("transcribe", "no.wav", "nor.wav", "--start-gpu").code == 2
    assert cloud.calls == []


@pytest.mark.parametrize("text", [["", "  "], ["-f", "-"]])
def test_no_text_is_not_aligned(run: Run, text: list[str]) -> None:
    Path("a.wav").write_bytes(b"RIFF")
    ran = run("align", "a.wav", *text, **NOBODY)
    assert (ran.code, "no text to align" in ran.err) == (2, True)


@pytest.mark.parametrize("shapes", [["--vtt", "--srt"], ["--vtt", "--json"], ["--tsv", "--srt"]])
def test_one_shape_is_chosen(run: Run, shapes: list[str]) -> None:
    ran = run("align", "a.wav", "a", *shapes)
    assert (ran.code, "Choose one" in ran.err) == (2, True)


def test_the_folder_of_a_file_is_made(run: Run, local: Running) -> None:
    assert run("say", "One.", "-o", "no/dir/a.wav").code == 0
    assert run("align", "no/dir/a.wav", "One.", "-o", "nor/a.vtt").code == 0
    assert Path("nor/a.vtt").read_text().startswith("WEBVTT")
    told = run("align", "no/dir/a.wav", "One.", "-o", "a.srt", "--json").json
    assert (told["file"], told["words"][0]["word"]) == ("a.srt", "One.")
    assert "-->" in Path("a.srt").read_text()


@pytest.mark.parametrize("out", ["folder.wav", "file/a.wav"])
def test_where_nothing_can_be_written_nothing_is_spoken(
    run: Run, cloud: Deployment, out: str
) -> None:
    Path("folder.wav").mkdir()
    Path("file").write_text("")
    assert run("say", "One.", "-o", out).code == 2
    assert cloud.calls == []


def test_without_a_player_nothing_is_spoken(
    run: Run, cloud: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    ran = run("say", "One.", "--play", "-o", "a.wav")
    assert (ran.code, "No player was found" in ran.err) == (1, True)
    assert (cloud.calls, Path("a.wav").exists()) == ([], False)


def test_servers_that_are_down_have_a_row_each(run: Run) -> None:
    ran = run("status", **NOBODY)
    assert ran.code == 3
    assert [line.split()[:3] for line in ran.out.splitlines()] == [
        ["speech", "no", "answer"],
        ["recognition", "no", "answer"],
    ]
    told = run("status", "--json", **NOBODY).json
    assert (told["kind"], told["exit_code"], told["speech"]["there"]) == ("Unreachable", 3, False)


@pytest.mark.parametrize("command", [["release", "abc"], ["extend", "abc", "1h"]])
def test_a_lease_needs_a_power_switch(run: Run, local: Running, command: list[str]) -> None:
    ran = run("lease", *command)
    assert (ran.code, "no power switch" in ran.err) == (5, True)


def test_settings_that_are_changed_keep_what_is_not_named(run: Run) -> None:
    run("config", "init", "--url", "https://a.example.com", "--api-key-file", "-", stdin="gv_k")
    ran = run("config", "init", "--url", "https://b.example.com", "--force")
    assert "Kept from before: api_key." in ran.err
    written = json.loads(Path("server_config.json").read_text())
    assert (written["server_url"], written["api_key"]) == ("https://b.example.com/tts", "gv_k")


@pytest.mark.parametrize(("host", "told"), [("localhost:6500", True), ("gpu.example.com", False)])
def test_an_address_of_one_local_server_is_spoken_of(run: Run, host: str, told: bool) -> None:
    ran = run("config", "init", "--url", f"http://{host}")
    assert ("--tts-url and --whisper-url" in ran.err) is told


def test_a_broken_file_is_a_finding_of_doctor(run: Run) -> None:
    Path("server_config.json").write_text('{"server_url": }')
    ran = run("doctor", "--json")
    assert (ran.code, ran.json["exit_code"], ran.json["kind"]) == (9, 9, "CheckFailed")
    (broken, *others) = ran.json["checks"]
    assert (broken["status"], "line 1" in broken["found"]) == ("fail", True)
    assert "config init --force" in broken["mend"]
    assert {each["status"] for each in others} == {"skipped"}
