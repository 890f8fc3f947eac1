"""`gpuvoice doctor` as one types it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from gpuvoice.cli.main import cli
from tests.client.doctor.conftest import SECRET, SLIDES
from tests.client.doctor.pretend_stack import checkout
from tests.servers import Running


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("TTS_SERVER_URL", "WHISPER_URL", "TTS_API_KEY", "GPUVOICE_POWER_URL"):
        monkeypatch.delenv(name, raising=False)


def doctor(running: Running, *more: str, key: str = SECRET) -> Result:
    addresses = ["--tts-url", running.tts, "--whisper-url", running.whisperx]
    return CliRunner().invoke(cli, ["doctor", *addresses, *more], env={"TTS_API_KEY": key})


def test_it_ends_with_0_where_nothing_fails_and_with_9_where_something_does(
    slot_servers: Running,
) -> None:
    good, bad = doctor(slot_servers), doctor(slot_servers, key="gv_other")
    assert (good.exit_code, bad.exit_code) == (0, 9)
    assert "fail" not in good.stdout
    assert "the key is refused (401)" in bad.stdout
    assert "2 fail" in bad.stderr


def test_as_json_each_check_has_name_status_what_was_found_and_how_to_mend_it(
    slot_servers: Running,
) -> None:
    done = doctor(slot_servers, "--json", "--origin", "https://other.example.com")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["success"], done.stderr) == (9, False, "")
    assert all(set(each) == {"check", "status", "found", "mend"} for each in told["checks"])
    failures = [each for each in told["checks"] if each["status"] == "fail"]
    assert {each["check"] for each in failures} == {
        "pages (CORS), speech server", "pages (CORS), recognition server",
    }  # fmt: skip
    assert all(each["mend"] for each in failures)
    assert json.loads(doctor(slot_servers, "--json", "--origin", SLIDES).stdout)["success"]


@pytest.mark.parametrize(
    "arguments", [("--origin", "slides"), ("--env", "../prod"), ("--env", "PROD")]
)
def test_what_cannot_be_meant_is_refused_as_wrong_usage(
    slot_servers: Running, arguments: tuple[str, str]
) -> None:
    done = doctor(slot_servers, *arguments)
    assert done.exit_code == 2
    assert arguments[0] in done.stderr


def test_the_package_of_aws_is_asked_for_by_its_extra(
    slot_servers: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    done = doctor(slot_servers, "--env", "dev", "--json")
    found = json.loads(done.stdout)["checks"][-1]
    assert (done.exit_code, found["status"]) == (0, "skipped")
    assert "gpuvoice[aws]" in found["found"]


@pytest.mark.parametrize(
    ("named", "region"),
    [
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-3"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-3"}, "eu-west-3"),
        ({}, "eu-central-1"),
    ],
)
def test_the_region_is_that_of_the_environment_or_else_that_of_the_settings(
    slot_servers: Running,
    quotas: dict[str, float],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    named: dict[str, str],
    region: str,
) -> None:
    checkout(tmp_path, base="region: eu-central-1\n")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**named, "AWS_EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        done = doctor(slot_servers, "--env", "dev", "--json")
        there = doctor(slot_servers, "--env", "dev", "--json", "--region", "us-west-2")
    (stack,) = (each for each in json.loads(done.stdout)["checks"] if each["check"] == "stack")
    assert stack["found"].startswith(f"there is none of dev in {region} ")
    assert "dev in us-west-2 " in there.stdout


def test_its_exit_code_is_in_its_help() -> None:
    shown = CliRunner().invoke(cli, ["doctor", "--help"]).stdout
    assert "with 9 when a check fails" in " ".join(shown.split())
