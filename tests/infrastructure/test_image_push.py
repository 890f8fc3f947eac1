"""`make push` asks the repository first, keeps the login to itself, and moves no tag."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from operate.failures import CommandError
from operate.image.push import Repository, checked_repository, push
from operate.image.recipe import Recipe
from operate.image.record import File, Weights, save_record
from operate.image.sentences import write_sentences
from tests.infrastructure.recording_docker import RecordingDocker, recording_docker

REGION = "eu-central-1"
NO_BUILDX = "buildx version"
CONTENT = b"weights"


@pytest.fixture(autouse=True)
def repository(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        made = boto3.client("ecr", REGION).create_repository(repositoryName="gpu-voice")
        yield checked_repository(made["repository"]["repositoryUri"])


def recipe(tmp_path: Path) -> Recipe:
    return Recipe(tmp_path, "v2.1")


def docker(tmp_path: Path, *refused: str) -> RecordingDocker:
    folder = tmp_path / "bin"
    folder.mkdir()
    return recording_docker(folder, *refused)


def test_without_buildx_the_image_that_was_built_is_pushed(
    repository: Repository, tmp_path: Path
) -> None:
    tool = docker(tmp_path, NO_BUILDX)
    said = push(repository, recipe(tmp_path), tool.command)
    target = f"{repository.uri}:v2.1"
    assert said == f"{target} is pushed."
    assert [f"tag gpu-voice:v2.1 {target}", f"push {target}"] == [
        words for words in tool.asked() if words.startswith(("tag", "push"))
    ]


def test_without_buildx_the_login_lies_in_a_folder_that_goes_with_it(
    repository: Repository, tmp_path: Path
) -> None:
    tool = docker(tmp_path, NO_BUILDX)
    push(repository, recipe(tmp_path), tool.command)
    folder = tool.login_folder("login")
    assert folder
    assert tool.login_folder("push") == folder
    assert not Path(folder).exists()


def test_the_password_goes_in_by_standard_input_and_the_login_ends(
    repository: Repository, tmp_path: Path
) -> None:
    tool = docker(tmp_path, NO_BUILDX)
    push(repository, recipe(tmp_path), tool.command)
    password = tool.given("login")
    assert password
    assert password not in " ".join(tool.asked())
    assert tool.asked()[-1] == f"logout {repository.host}"


def test_a_push_that_fails_ends_the_login_too(repository: Repository, tmp_path: Path) -> None:
    tool = docker(tmp_path, NO_BUILDX, "push")
    with pytest.raises(CommandError, match="docker push failed"):
        push(repository, recipe(tmp_path), tool.command)
    assert tool.asked()[-1] == f"logout {repository.host}"


def test_with_buildx_verified_weights_are_built_and_pushed_as_zstd(
    repository: Repository, tmp_path: Path
) -> None:
    known = Weights(
        "team/voice",
        "MIT",
        "0" * 40,
        {"a.bin": File(len(CONTENT), hashlib.sha256(CONTENT).hexdigest())},
    )
    folders = ("tts", "asr", "align/en")
    save_record(tmp_path / "weights.json", dict.fromkeys(folders, known))
    tool = docker(tmp_path)
    with pytest.raises(CommandError, match="make weights"):
        push(repository, recipe(tmp_path), tool.command)
    for folder in folders:
        (tmp_path / "models" / folder).mkdir(parents=True)
        (tmp_path / "models" / folder / "a.bin").write_bytes(CONTENT)
    write_sentences(tmp_path / "models/nltk")
    push(repository, recipe(tmp_path), tool.command)
    built = tool.asked()[-2]
    assert built.startswith("buildx build --builder gpu-voice")
    assert f"name={repository.uri}:v2.1,push=true,compression=zstd" in built
    assert built.endswith(str(tmp_path))


def test_a_tag_that_is_there_is_not_moved(repository: Repository, tmp_path: Path) -> None:
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    config = {"digest": "sha256:" + "0" * 64}
    manifest = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": []}
    boto3.client("ecr", REGION).put_image(
        repositoryName="gpu-voice", imageManifest=json.dumps(manifest), imageTag="v2.1"
    )
    tool = docker(tmp_path, NO_BUILDX)
    with pytest.raises(CommandError, match=r"has an image v2\.1 already"):
        push(repository, recipe(tmp_path), tool.command)
    assert not tool.asked()


def test_a_repository_that_is_not_there_is_named(tmp_path: Path) -> None:
    absent = Repository(f"123456789012.dkr.ecr.{REGION}.amazonaws.com/nobody")
    with pytest.raises(CommandError, match="no repository nobody"):
        push(absent, recipe(tmp_path), docker(tmp_path).command)


def test_an_image_that_was_not_built_is_asked_for(repository: Repository, tmp_path: Path) -> None:
    tool = docker(tmp_path, NO_BUILDX, "image inspect")
    with pytest.raises(CommandError, match=r"make image TAG=v2\.1"):
        push(repository, recipe(tmp_path), tool.command)


@pytest.mark.parametrize("uri", ["", "gpu-voice", "example.com/gpu-voice"])
def test_what_is_no_repository_is_refused(uri: str) -> None:
    with pytest.raises(CommandError, match="is no ECR repository"):
        checked_repository(uri)


def test_a_machine_without_docker_is_told_so(repository: Repository, tmp_path: Path) -> None:
    assert shutil.which("no-such-docker") is None
    with pytest.raises(CommandError, match="docker is not installed"):
        push(repository, recipe(tmp_path), "no-such-docker")
