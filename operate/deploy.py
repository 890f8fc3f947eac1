"""Deploy, compare and destroy an environment, and keep the record of what is live."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

from botocore.exceptions import BotoCoreError, ClientError

from config.release import load_release
from config.settings import load_settings
from operate.before import check_own, check_targets, missing_images
from operate.cdk import ROOT, cdk_command, shown, tool_environment
from operate.cloud import Cloud, Deployed
from operate.failures import CommandError
from stacks import guard
from stacks.names import Naming

UNASKED = ["--require-approval", "never"]
ASKED = ["--require-approval", "any-change"]
FIRST = ["-c", "first=yes"]
FORCED = ["-c", f"force={guard.FORCE}"]


def deploy(environment: str, *, force: bool, approve: bool) -> str:
    """Deploy all stacks. Raises CommandError when the CLI fails; its own words are on the screen.

    The first deploy goes in two passes: services are created with a count of 0, and then the count
    is taken out of the template, so that no later deploy switches anything on or off.
    """
    settings = load_settings(environment)
    check_own(environment, settings)
    cloud = Cloud(environment)
    found = _record(cloud)
    if found is not None and not force:
        check_targets(cloud, guard.live_slots(found.template), load_release(environment))
    arguments = [*(UNASKED if approve else ASKED), *(FORCED if force else [])]
    _cdk(environment, "deploy", "--all", *arguments, *(FIRST if found is None else []))
    _record(cloud)
    if found is None:
        print("Services are made, at count 0. The second pass hands the counts over.", flush=True)
        _cdk(environment, "deploy", "--all", *UNASKED)
        _record(cloud)
    for note in (*missing_images(cloud, settings, load_release(environment)), *_look(cloud)):
        print(note, flush=True)
    file = guard.record_file(environment)
    return f"{environment} is deployed. Commit {shown(file)}: it protects the live slot."


def bootstrap(environment: str) -> str:
    """Prepare the account and region of an environment for the CDK, once."""
    load_settings(environment)
    _cdk(environment, "bootstrap")
    return f"The account is prepared. Next: make deploy ENV={environment}."


def diff(environment: str, *, force: bool) -> str:
    """Show what a deploy would change."""
    load_settings(environment)
    _record(Cloud(environment))
    _cdk(environment, "diff", *(FORCED if force else []))
    return f"That is what a deploy of {environment} would change."


def destroy(environment: str, *, approve: bool) -> str:
    """Delete all stacks, and the record with them."""
    settings = load_settings(environment)
    if settings.deletion_protection:
        raise CommandError(
            f"deletion_protection is on, and AWS would refuse. Set it to false, make deploy "
            f"ENV={environment}, then try again."
        )
    if not approve and input(f"Type {environment} to delete all of it: ") != environment:
        raise CommandError("Nothing was deleted.")
    cloud = Cloud(environment)
    _require_off(cloud)
    if not settings.retain_data:
        cloud.empty_buckets()
    _cdk(environment, "destroy", "--all", "--force", *FORCED)
    guard.record_file(environment).unlink(missing_ok=True)
    kept = "keys, results, logs and images" if settings.retain_data else "images"
    return f"{environment} is gone; {kept} are kept."


def _record(cloud: Cloud) -> Deployed | None:
    """Bring the record in step with CloudFormation; returns what is deployed.

    Raises CommandError when there is a record of what this account does not have.
    """
    file, found = guard.record_file(cloud.environment), cloud.deployed()
    if found is not None and found.outputs:
        guard.write_record(cloud.environment, found.template)
        return found
    if file.exists():
        raise CommandError(
            f"{shown(file)} says that {cloud.environment} is deployed, and this account has no "
            "such stack: check AWS_PROFILE. If the stack is really gone, delete that file."
        )
    return None


def _require_off(cloud: Cloud) -> None:
    """Raise CommandError while a slot runs: the power controller goes first, and nothing would stop
    the GPU if the rest of the deletion failed."""
    found = cloud.deployed()
    names = {o: value for o, value in found.outputs.items() if o.endswith("Group")} if found else {}
    groups = cloud.client("autoscaling").describe_auto_scaling_groups(
        AutoScalingGroupNames=list(names.values()) or ["-"]
    )["AutoScalingGroups"]
    for group in groups:
        if group["DesiredCapacity"] or group["Instances"]:
            raise CommandError(
                f"{group['AutoScalingGroupName']} has an instance. Stop both slots first "
                "(docs/runbook.md, Tear-down), and wait until it is gone."
            )


def _look(cloud: Cloud) -> Iterator[str]:
    """Have the power controller put its rules right now, and not with its next sweep. A sentence
    when it does not answer."""
    try:
        done = cloud.client("lambda").invoke(
            FunctionName=Naming(cloud.environment).controller, Payload=b'{"source":"deploy"}'
        )
        failed = done.get("FunctionError")
    except (BotoCoreError, ClientError) as error:
        failed = str(error)
    if failed:
        yield f"Note: the power controller did not look ({failed}); it will within a minute."


def _cdk(environment: str, command: str, *arguments: str) -> None:
    done = subprocess.run(
        [*cdk_command(command, environment), *arguments],
        cwd=ROOT,
        env=tool_environment(),
        check=False,
    )
    if done.returncode:
        raise CommandError(f"cdk {command} failed; it says why above.")
