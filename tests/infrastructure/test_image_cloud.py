"""`make image-cloud`: what is sent, what is shown, and every way in which it ends."""

from __future__ import annotations

import io
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from operate import __main__ as commands
from operate.cloud_build import log
from operate.cloud_build.command import image_cloud
from operate.cloud_build.sources import pack
from operate.failures import CommandError
from tests.infrastructure.pretend_builds import (
    PROJECT,
    SOURCES,
    PretendBuilds,
    ends,
    make_project,
    names_its_log,
    phase,
    prints,
)
from tests.infrastructure.pretend_stack import PretendStack, client

TAG = "qwen3-v9.1"


def git(folder: Path, *words: str) -> None:
    own = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *own, *words], check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    (folder / "containers/voice").mkdir(parents=True)
    (folder / "containers/voice/buildspec.yaml").write_text("version: 0.2\n")
    (folder / "containers/voice/.gitignore").write_text("models/\n")
    (folder / "README.md").write_text("Read me.\n")
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "All of it")
    return folder


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PretendStack]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setattr(log, "LOOK_SECONDS", 0.001)
    with mock_aws():
        made = PretendStack(tmp_path / "release.yaml", "https://gpu.example.org")
        made.deploy(builds={"ImageBuildProject": PROJECT, "ImageSources": SOURCES})
        make_project()
        yield made


@pytest.fixture
def builds(stack: PretendStack, monkeypatch: pytest.MonkeyPatch) -> PretendBuilds:
    """Unless told otherwise, a build says three lines and pushes its image."""
    pretend = PretendBuilds()
    pretend.install(monkeypatch)
    pretend.steps = [
        phase("QUEUED"),
        names_its_log,
        prints("fetching weights"),
        prints("building", "pushing"),
        lambda build: stack.push(TAG, "the image"),
        ends("SUCCEEDED"),
    ]
    return pretend


def test_a_build_gets_this_commit_and_its_tag_and_the_last_line_says_what_to_do(
    builds: PretendBuilds, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = image_cloud("dev", TAG, checkout)
    assert f"gpu-voice has the image {TAG} (sha256:" in said
    assert f"make release TAG={TAG} ENV=dev" in said
    (given,) = builds.started
    sent = {each["name"]: each["value"] for each in given["environmentVariablesOverride"]}
    bucket, _, name = given["sourceLocationOverride"].partition("/")
    assert set(sent) == {"TAG", "REVISION"}
    assert name == f"{TAG}-{sent['REVISION']}.zip"
    assert (given["sourceTypeOverride"], bucket) == ("S3", SOURCES)
    body = client("s3").get_object(Bucket=bucket, Key=name)["Body"].read()
    assert "containers/voice/buildspec.yaml" in zipfile.ZipFile(io.BytesIO(body)).namelist()
    shown = capsys.readouterr().out.splitlines()
    assert shown[1:] == ["--- queued", "fetching weights", "building", "pushing", "--- completed"]


def test_a_tag_that_exists_is_refused_before_anything_is_sent(
    stack: PretendStack, builds: PretendBuilds, checkout: Path
) -> None:
    stack.push(TAG, "an older image")
    with pytest.raises(CommandError, match=f"has an image {TAG} already, and tags cannot be moved"):
        image_cloud("dev", TAG, checkout)
    assert builds.started == []
    assert "Contents" not in client("s3").list_objects_v2(Bucket=SOURCES)


@pytest.mark.parametrize("tag", ["", "a b", "../x", "-x", "x" * 129])
def test_a_tag_that_is_none_is_refused(tag: str, checkout: Path) -> None:
    with pytest.raises(CommandError, match="make image-cloud TAG="):
        image_cloud("dev", tag, checkout)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("containers/voice/buildspec.yaml", "containers/voice/buildspec.yaml is not committed"),
        ("containers/voice/new.py", "containers/voice/new.py is not committed"),
    ],
)
def test_an_image_is_built_from_what_is_committed_and_from_nothing_else(
    builds: PretendBuilds, checkout: Path, file: str, said: str
) -> None:
    (checkout / file).write_text("changed\n")
    with pytest.raises(CommandError, match=said):
        image_cloud("dev", TAG, checkout)
    assert builds.started == []


def test_what_is_not_in_the_image_may_be_changed_and_weights_may_lie_there(
    builds: PretendBuilds, checkout: Path, tmp_path: Path
) -> None:
    (checkout / "README.md").write_text("changed\n")
    (checkout / "containers/voice/models").mkdir()
    (checkout / "containers/voice/models/weights").write_text("many\n")
    pack(checkout, tmp_path / "sources.zip")
    with zipfile.ZipFile(tmp_path / "sources.zip") as packed:
        assert not [name for name in packed.namelist() if "models" in name]
        assert packed.read("README.md") == b"Read me.\n"


def test_a_folder_that_is_no_checkout_says_so(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="git cannot pack the sources of this checkout"):
        pack(tmp_path, tmp_path / "sources.zip")


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (
            [ends("FAILED", BUILD="exit status 1.")],
            r"the build failed in its phase 'build': exit status 1\.$",
        ),
        ([ends("TIMED_OUT", BUILD="")], r"the build ran out of time in its phase 'build'\."),
        ([ends("STOPPED")], "the build was stopped"),
        ([ends("FAULT")], "a fault of CodeBuild"),
        ([ends("SUCCEEDED")], "ended well, but gpu-voice has no image"),
    ],
)
def test_a_build_without_an_image_is_a_failure_that_says_where(
    builds: PretendBuilds, checkout: Path, steps: list[Any], said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    builds.steps = [prints("no space left on device"), *steps]
    with pytest.raises(CommandError, match=said):
        image_cloud("dev", TAG, checkout)
    assert "no space left on device" in capsys.readouterr().out


def test_the_last_lines_are_shown_though_they_come_after_the_end(
    builds: PretendBuilds, checkout: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    late: list[Any] = []
    builds.steps = [prints("building"), late.append, ends("FAILED", BUILD="exit status 1")]

    def come(seconds: float) -> None:
        if not builds.steps and late:
            prints("the reason")(late.pop())

    monkeypatch.setattr(time, "sleep", come)
    with pytest.raises(CommandError, match="exit status 1"):
        image_cloud("dev", TAG, checkout)
    assert capsys.readouterr().out.splitlines()[-1] == "the reason"


def test_a_build_of_the_tag_that_is_under_way_is_followed_and_not_started_twice(
    builds: PretendBuilds, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    builds.begin(TAG)
    assert f"has the image {TAG}" in image_cloud("dev", TAG, checkout)
    assert builds.started == []
    assert f"A build of {TAG} is under way" in capsys.readouterr().out


def test_a_build_of_another_tag_is_not_taken_for_this_one(
    builds: PretendBuilds, checkout: Path
) -> None:
    builds.begin("qwen3-v9.0")
    builds.steps.insert(0, phase("BUILD"))
    image_cloud("dev", TAG, checkout)
    assert len(builds.started) == 1


def test_who_stops_watching_is_told_that_the_build_goes_on(
    builds: PretendBuilds, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupted)
    with pytest.raises(CommandError, match=rf"goes on .* aws codebuild stop-build --id {PROJECT}:"):
        image_cloud("dev", TAG, checkout)


def test_an_environment_without_the_project_says_what_to_set(
    stack: PretendStack, builds: PretendBuilds, checkout: Path
) -> None:
    stack.deploy()
    with pytest.raises(
        CommandError, match=r"set image\.build: true in config/dev\.yaml, then make"
    ):
        image_cloud("dev", TAG, checkout)


def test_the_command_line_knows_it(
    stack: PretendStack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stack.push(TAG, "an older image")
    monkeypatch.setattr(sys, "argv", ["operate", "image-cloud", "--env", "dev", "--tag", TAG])
    assert commands.main() == 1
    assert capsys.readouterr().err.startswith("image-cloud: gpu-voice has an image")
