"""The emulated cloud stays on this machine, enforces IAM and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import ClientError

from tests.emulator.children import ROOT, Child
from tests.emulator.emulator import Emulator
from tests.emulator.environment import NotLoopback, client_environment
from tests.emulator.loopback import is_loopback
from tests.patience import until

pytest_plugins = ["tests.emulator.fixture"]


def test_it_listens_on_loopback_alone(cloud: Emulator) -> None:
    assert cloud.listening() == {"127.0.0.1"}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "sts.amazonaws.com", "::", ""])
def test_an_endpoint_beyond_this_machine_is_refused(host: str, tmp_path: Path) -> None:
    assert not is_loopback(host)
    with pytest.raises(NotLoopback, match="must be on this machine"):
        client_environment(f"https://{host}:443", tmp_path, tmp_path, key="k", secret="s")


def test_children_see_the_emulator_and_no_other_account(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "stranger")
    monkeypatch.setenv("https_proxy", "http://192.0.2.7:3128")
    found = client_environment("https://127.0.0.1:1", tmp_path, tmp_path, key="k", secret="s")
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "https_proxy"} & set(found)
    assert found["AWS_ENDPOINT_URL"] == "https://127.0.0.1:1"
    assert found["AWS_EC2_METADATA_DISABLED"] == "true"
    assert found["CDK_HOME"].startswith(str(tmp_path))


def test_a_key_that_nobody_gave_out_is_refused(cloud: Emulator) -> None:
    stranger = cloud.client("s3", aws_access_key_id="AKIA0000", aws_secret_access_key="x")
    with pytest.raises(ClientError) as refused:
        stranger.list_buckets()
    assert refused.value.response["Error"]["Code"] == "InvalidAccessKeyId"


def test_a_caller_that_trusts_another_authority_turns_back(cloud: Emulator) -> None:
    code = "import boto3; boto3.client('sts').get_caller_identity()"
    environment = {**cloud.environment, "AWS_MAX_ATTEMPTS": "1"}
    del environment["AWS_CA_BUNDLE"]
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )
    assert "SSLError" in done.stderr


def test_it_is_gone_when_its_context_ends_badly(tmp_path: Path) -> None:
    def interrupted() -> None:
        with Emulator(tmp_path) as emulator:
            found.extend(child.pid for child in _children_at(emulator.endpoint))
            raise KeyboardInterrupt

    found: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(found) == 1
    assert not psutil.pid_exists(found[0])


def test_a_child_goes_with_a_run_that_is_killed(tmp_path: Path) -> None:
    child = f"Child(['sleep', '60'], {{}}, Path({str(tmp_path / 'log')!r})).pid"
    code = (
        "import time; from pathlib import Path; from tests.emulator.children import Child;"
        f"print({child}, flush=True); time.sleep(60)"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    pid = int(run.stdout.readline())
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie")


def test_stopping_a_child_ends_what_it_started(tmp_path: Path) -> None:
    child = Child(["sh", "-c", "trap '' TERM; sleep 61 & wait"], os.environ, tmp_path / "log")
    family = psutil.Process(child.pid)
    until(lambda: bool(family.children()))
    (grandchild,) = family.children()
    assert child.stop(0.2) != 0
    until(lambda: not grandchild.is_running() or grandchild.status() == "zombie")


def _children_at(endpoint: str) -> list[psutil.Process]:
    port = endpoint.rpartition(":")[2]
    children = psutil.Process().children()
    return [child for child in children if child.environ().get("GATEWAY_PORT") == port]
