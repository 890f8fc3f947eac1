"""The checks that need AWS credentials. A right that is missing skips its check, and no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from gpuvoice.aws.account import Account
from gpuvoice.aws.deployed import Deployed, find_deployed
from gpuvoice.aws.failures import AwsFailed, NoCredentials, NotAllowed
from gpuvoice.aws.project import Project, find_project
from gpuvoice.doctor.finding import Finding, fail, ok, skipped, warn
from gpuvoice.doctor.images import check_images
from gpuvoice.doctor.quotas import check_quotas
from gpuvoice.doctor.release import check_release
from gpuvoice.doctor.zones import check_zones
from gpuvoice.errors import GpuVoiceError, MissingExtra

Check = Callable[[Account, Project, "Deployed | None"], Iterator[Finding]]
CHECKS: dict[str, Check] = {
    "GPU quota": check_quotas,
    "instance type": check_zones,
    "image": check_images,
    "release": check_release,
}


def check_account(environment: str | None, region: str | None) -> Iterator[Finding]:
    if environment is None:
        yield skipped(
            "AWS account",
            "not looked into",
            "Name the environment, with AWS credentials: --env dev",
        )
        return
    try:
        project = find_project(environment)
        account = Account(region or project.region)
    except (NoCredentials, MissingExtra) as error:
        yield skipped("AWS account", str(error))
        return
    except GpuVoiceError as error:
        yield fail("AWS account", str(error), "Then look again.")
        return
    found = list(_stack(account, environment))
    yield from (each for each in found if isinstance(each, Finding))
    deployed = next((each for each in found if isinstance(each, Deployed)), None)
    for name, check in CHECKS.items():
        yield from _guarded(name, check(account, project, deployed))


def _stack(account: Account, environment: str) -> Iterator[Finding | Deployed]:
    where = f"{environment} in {account.region}"
    try:
        deployed = find_deployed(account, environment)
    except AwsFailed as error:
        yield _not_known("stack", error)
        return
    if deployed is None:
        yield warn(
            "stack",
            f"there is none of {where} in this account",
            f"Another account (AWS_PROFILE) or --region? Else: make deploy ENV={environment}",
        )
        return
    url = deployed.outputs.get("Url", "")
    yield ok("stack", f"{deployed.stack} in {account.region}: {url}")
    yield deployed


def _guarded(name: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    try:
        yield from findings
    except AwsFailed as error:
        yield _not_known(name, error)


def _not_known(name: str, error: AwsFailed) -> Finding:
    if isinstance(error, NotAllowed):
        return skipped(name, f"these credentials may not {error.right}", "Ask for that right.")
    return skipped(name, str(error))
