"""Deploy, compare and destroy an environment, and keep the record of what is live."""

from __future__ import annotations

import subprocess
from pathlib import Path

from config.settings import Settings, load_settings
from operate.cdk import ROOT, cdk_command, tool_environment
from operate.cloud import Cloud
from operate.failures import CommandError
from stacks import guard

UNASKED = ["--require-approval", "never"]
FORCED = ["-c", f"force={guard.FORCE}"]
EXAMPLE_ZONE = "Z0000000EXAMPLE"


def deploy(environment: str, *, force: bool, approve: bool) -> str:
    """Deploy all stacks. Raises CommandError when the CLI fails; its own words are on the screen.

    The first deploy goes in two passes: services are created with a count of 0, and then the count
    is taken out of the template, so that no later deploy switches anything on or off.
    """
    _check_domain(environment, load_settings(environment))
    cloud = Cloud(environment)
    first = not _record(cloud)
    arguments = [*(UNASKED if approve else []), *(FORCED if force else [])]
    _cdk(environment, "deploy", "--all", *arguments)
    _record(cloud)
    if first:
        print("Services are made, at count 0. The second pass hands the counts over.", flush=True)
        _cdk(environment, "deploy", "--all", *UNASKED)
        _record(cloud)
    file = guard.record_file(environment)
    return f"{environment} is deployed. Commit {_shown(file)}: it protects the live slot."


def diff(environment: str, *, force: bool) -> str:
    """Show what a deploy would change."""
    load_settings(environment)
    _record(Cloud(environment))
    _cdk(environment, "diff", *(FORCED if force else []))
    return f"That is what a deploy of {environment} would change."


def destroy(environment: str, *, approve: bool) -> str:
    """Delete all stacks, and the record with them."""
    settings = load_settings(environment)
    if settings.front_door.deletion_protection:
        raise CommandError(
            "front_door.deletion_protection is on, and AWS would refuse. Set it to false, make "
            f"deploy ENV={environment}, then try again."
        )
    if not approve and input(f"Type {environment} to delete all of it: ") != environment:
        raise CommandError("Nothing was deleted.")
    cloud = Cloud(environment)
    if not settings.retain_data:
        cloud.empty_buckets()
    _cdk(environment, "destroy", "--all", "--force", *FORCED)
    _record(cloud)
    kept = "keys, results, logs and images" if settings.retain_data else "images"
    return f"{environment} is gone; {kept} are kept."


def _check_domain(environment: str, settings: Settings) -> None:
    domain = settings.front_door.domain
    if domain is not None and domain.zone_id == EXAMPLE_ZONE:
        raise CommandError(
            f"config/{environment}.yaml still has the example's domain, {domain.name}. Put your "
            "host name and its Route 53 zone there, or a certificate_arn without a zone."
        )


def _record(cloud: Cloud) -> bool:
    """Bring the record in step with CloudFormation; returns whether anything is deployed."""
    found = cloud.deployed()
    if found is None or "ActiveSlot" not in found.outputs:
        guard.record_file(cloud.environment).unlink(missing_ok=True)
        return False
    guard.write_record(cloud.environment, found.outputs["ActiveSlot"], found.template)
    return True


def _cdk(environment: str, command: str, *arguments: str) -> None:
    done = subprocess.run(
        [*cdk_command(command, environment), *arguments],
        cwd=ROOT,
        env=tool_environment(),
        check=False,
    )
    if done.returncode:
        raise CommandError(f"cdk {command} failed; it says why above.")


def _shown(file: Path) -> str:
    return str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)
