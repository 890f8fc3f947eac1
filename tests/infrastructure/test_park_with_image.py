"""The boot script of the warm pool, run against an instance's metadata and stand-in programs."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stacks.parts.instance_boot import PARK

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/gpu-voice:v1"
FACTS = {
    "placement/region": "us-east-1",
    "instance-id": "i-0123456789abcdef0",
    "tags/instance/aws:autoscaling:groupName": "group",
    "tags/instance/gpu-voice:image": IMAGE,
}


class Metadata(BaseHTTPRequestHandler):
    """Version 2 of the interface: no answer without a token."""

    state = ""

    def do_PUT(self) -> None:
        self._say("token")

    def do_GET(self) -> None:
        assert self.headers["X-aws-ec2-metadata-token"] == "token"
        facts = {**FACTS, "autoscaling/target-lifecycle-state": type(self).state}
        self._say(facts[self.path.removeprefix("/latest/meta-data/")])

    def _say(self, text: str) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def metadata() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Metadata)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/latest"
    server.shutdown()
    server.server_close()


def calls(folder: Path, metadata: str, state: str, *, pull_fails: bool = False) -> list[str]:
    """What the script ran, in order."""
    log = folder / "calls"
    for name in ("aws", "docker", "systemctl"):
        fails = name == "docker" and pull_fails
        program = folder / name
        line = (
            f'echo "{name} $*" >> {log}; [ "$1" = pull ] && exit {int(fails)}; cat <&0 >/dev/null'
        )
        program.write_text(f"#!/bin/sh\n{line}\nexit 0\n", encoding="utf-8")
        program.chmod(0o755)
    Metadata.state = state
    subprocess.run(
        ["bash", str(PARK)],
        env={"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "METADATA": metadata},
        stdin=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    return log.read_text(encoding="utf-8").splitlines()


def test_an_instance_to_be_parked_pulls_first(tmp_path: Path, metadata: str) -> None:
    found = calls(tmp_path, metadata, "Warmed:Stopped")
    assert f"docker pull --quiet {IMAGE}" in found
    assert "docker login --username AWS --password-stdin " + IMAGE.split("/")[0] in found
    assert found[-1] == (
        "aws autoscaling complete-lifecycle-action --region us-east-1 --auto-scaling-group-name "
        "group --lifecycle-hook-name prepare --instance-id i-0123456789abcdef0 "
        "--lifecycle-action-result CONTINUE"
    )


def test_an_instance_without_the_image_is_given_up(tmp_path: Path, metadata: str) -> None:
    found = calls(tmp_path, metadata, "Warmed:Stopped", pull_fails=True)
    assert found[-1].endswith("--lifecycle-action-result ABANDON")


def test_an_instance_that_serves_is_let_go_at_once(tmp_path: Path, metadata: str) -> None:
    found = calls(tmp_path, metadata, "InService")
    assert len(found) == 1
    assert found[0].endswith("--lifecycle-action-result CONTINUE")
