"""`make push`: the image into the repository of an environment, under a tag that is new there."""

from __future__ import annotations

import base64
import tempfile
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from operate.cloud import Cloud
from operate.failures import CommandError
from operate.image.docker import Docker
from operate.image.recipe import Recipe
from operate.image.registry import ABSENT
from operate.image.weights import check_weights

OUTPUT = "ImageRepository"
BUILDER = "gpu-voice"
# Layers that unpack several times faster than gzip's; files without a date of their own build, so
# that the same content is the same layer wherever it was built. 2020-01-01.
ZSTD = "compression=zstd,force-compression=true,oci-mediatypes=true,rewrite-timestamp=true"
EPOCH = "SOURCE_DATE_EPOCH=1577836800"


@dataclass(frozen=True, slots=True)
class Repository:
    """`uri` is ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME."""

    uri: str

    @property
    def host(self) -> str:
        return self.uri.split("/", 1)[0]

    @property
    def name(self) -> str:
        return self.uri.split("/", 1)[1]

    @property
    def region(self) -> str:
        return self.host.split(".")[3]


def repository_of(environment: str) -> Repository:
    """Raises CommandError when the environment is not deployed."""
    return checked_repository(Cloud(environment).require().outputs.get(OUTPUT, ""))


def checked_repository(uri: str) -> Repository:
    host, _, name = uri.partition("/")
    if not name or len(host.split(".")) < 5:
        raise CommandError(
            f"'{uri}' is no ECR repository: ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME."
        )
    return Repository(uri)


def push(repository: Repository, recipe: Recipe, command: str = "docker") -> str:
    """With buildx it builds and pushes in one go, with zstd; else it pushes what was built.

    Raises CommandError, when the tag is there already too: a tag that could be moved would change
    what runs behind a release's back.
    """
    ecr = boto3.client("ecr", region_name=repository.region)
    if _exists(ecr, repository, recipe.tag):
        raise CommandError(
            f"{repository.name} has an image {recipe.tag} already, and tags cannot be moved: "
            "choose another."
        )
    with tempfile.TemporaryDirectory() as folder:
        # The login lies in a folder of its own and goes with it; buildx finds its builders only in
        # the user's own, and there the logout takes it away.
        docker = Docker(command)
        plugins = docker.tries("buildx", "version")
        docker = docker if plugins else Docker(command, {"DOCKER_CONFIG": folder})
        docker.require()
        docker("login", "--username", "AWS", "--password-stdin", repository.host, given=_token(ecr))
        try:
            target = f"{repository.uri}:{recipe.tag}"
            how = _build_and_push if plugins else _push
            how(docker, recipe, target)
        finally:
            docker.tries("logout", repository.host)
    return f"{target} is pushed{' with zstd' if plugins else ''}."


def _build_and_push(docker: Docker, recipe: Recipe, target: str) -> None:
    check_weights(recipe.context)
    if not docker.tries("buildx", "inspect", BUILDER):
        docker("buildx", "create", "--name", BUILDER, "--driver", "docker-container")
    docker.show(
        "buildx", "build", "--builder", BUILDER, "--build-arg", EPOCH, "--provenance=false",
        "--output", f"type=image,name={target},push=true,{ZSTD}", *recipe.arguments(),
    )  # fmt: skip


def _push(docker: Docker, recipe: Recipe, target: str) -> None:
    if not docker.tries("image", "inspect", recipe.name):
        raise CommandError(f"there is no image {recipe.name} here: make image TAG={recipe.tag}.")
    docker("tag", recipe.name, target)
    docker.show("push", target)


def _exists(ecr: Any, repository: Repository, tag: str) -> bool:
    try:
        ecr.describe_images(repositoryName=repository.name, imageIds=[{"imageTag": tag}])
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "RepositoryNotFoundException":
            raise CommandError(f"there is no repository {repository.name} here.") from None
        if code not in ABSENT:
            raise
        return False
    return True


def _token(ecr: Any) -> str:
    found = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    return base64.b64decode(found).decode().removeprefix("AWS:")
