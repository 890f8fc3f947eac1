"""`make image-cloud`: build this commit's image in AWS and push it under a tag."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from config.settings import load_settings
from operate.cdk import ROOT
from operate.cloud import Cloud, Deployed
from operate.cloud_build.log import described, follow
from operate.cloud_build.sources import pack
from operate.failures import CommandError
from operate.image.build import checked_tag
from operate.image.registry import image_digest
from stacks.names import Naming

PROJECT, SOURCES = "ImageBuildProject", "ImageSources"
LAST_BUILDS = 10


def image_cloud(environment: str, tag: str, checkout: Path = ROOT) -> str:
    """Start a build, follow its log, and look whether the image came. Raises CommandError.

    Asked again while a build of the tag is under way, it follows that one.
    """
    checked_tag(tag, f"make image-cloud TAG=qwen3-v2.2 ENV={environment}")
    cloud = Cloud(environment)
    deployed = cloud.require()
    project, bucket = _parts(environment, deployed)
    repository = load_settings(environment).image.repository
    if image_digest(cloud, repository, tag):
        raise CommandError(
            f"{repository} has an image {tag} already, and tags cannot be moved: choose another."
        )
    began = time.monotonic()
    build = _under_way(cloud, project, tag)
    if build is not None:
        print(f"A build of {tag} is under way; its commit is the one it was started with.")
    else:
        build = _start(cloud, project, bucket, tag, checkout)
    try:
        follow(cloud, build, Naming(environment).logs("image-build"))
    except KeyboardInterrupt:
        raise CommandError(
            f"the build goes on without being watched. The same command watches it again; aws "
            f"codebuild stop-build --id {build} ends it."
        ) from None
    digest = image_digest(cloud, repository, tag)
    if digest is None:
        raise CommandError(f"the build ended well, but {repository} has no image {tag}.")
    minutes = (time.monotonic() - began) / 60
    return (
        f"{repository} has the image {tag} ({digest}) after {minutes:.1f} minutes. Next: make "
        f"release TAG={tag} ENV={environment}."
    )


def _parts(environment: str, deployed: Deployed) -> tuple[str, str]:
    """The project's name and the bucket of sources."""
    try:
        return deployed.outputs[PROJECT], deployed.outputs[SOURCES]
    except KeyError:
        raise CommandError(
            f"{environment} has no build project: set image.build: true in "
            f"config/{environment}.yaml, then make deploy ENV={environment}."
        ) from None


def _under_way(cloud: Cloud, project: str, tag: str) -> str | None:
    """A build of the tag among the last ones that has not ended."""
    client = cloud.client("codebuild")
    last = client.list_builds_for_project(projectName=project, sortOrder="DESCENDING")["ids"]
    for build in last[:LAST_BUILDS]:
        state = described(cloud, build)
        if state["buildStatus"] == "IN_PROGRESS" and _tag(state) == tag:
            return str(build)
    return None


def _tag(state: Any) -> str | None:
    variables = state.get("environment", {}).get("environmentVariables", [])
    return next((each["value"] for each in variables if each["name"] == "TAG"), None)


def _start(cloud: Cloud, project: str, bucket: str, tag: str, checkout: Path) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "sources.zip")
        commit = pack(checkout, file)
        name = f"{tag}-{commit}.zip"
        cloud.client("s3").upload_file(str(file), bucket, name)
    started = cloud.client("codebuild").start_build(
        projectName=project,
        sourceTypeOverride="S3",
        sourceLocationOverride=f"{bucket}/{name}",
        environmentVariablesOverride=[
            {"name": name, "value": value, "type": "PLAINTEXT"}
            for name, value in (("TAG", tag), ("REVISION", commit))
        ],
    )
    build = str(started["build"]["id"])
    print(f"Building {tag} from commit {commit} as {build}.", flush=True)
    return build
