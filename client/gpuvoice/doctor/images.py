"""Whether the registry holds what each slot is to run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gpuvoice.aws.account import Account
from gpuvoice.aws.capacity import has_image
from gpuvoice.aws.deployed import Deployed
from gpuvoice.aws.project import Project
from gpuvoice.aws.running import running
from gpuvoice.doctor.finding import Finding, fail, ok, skipped, warn


def check_images(
    account: Account, project: Project, deployed: Deployed | None
) -> Iterator[Finding]:
    repository = (deployed.repository if deployed else "") or project.repository
    tags, active = _wanted(account, project, deployed)
    if not tags:
        yield skipped(
            "image", "which tag is wanted is not known here", "Run it in the project's folder."
        )
    for slot, tag in tags.items():
        check, image = f"image of {slot}", f"{repository}:{tag}"
        if has_image(account, repository, tag):
            yield ok(check, f"{image} is in the registry")
            continue
        push = f"make push TAG={tag} ENV={project.environment}"
        found = f"the registry has no {image}"
        yield (fail if slot == active else warn)(check, found, push)


def _wanted(
    account: Account, project: Project, deployed: Deployed | None
) -> tuple[Mapping[str, str], str]:
    """Tag of each slot and the active one: by the release file, else by what is deployed."""
    if project.release:
        return project.release.tags, project.release.active
    if deployed is None:
        return {}, ""
    tags = {slot: each.tag for slot, each in running(account, deployed).items()}
    return tags, deployed.outputs.get("ActiveSlot", "")
