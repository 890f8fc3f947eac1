"""Whether the instance type is offered where the stack would start it."""

from __future__ import annotations

from collections.abc import Iterator

from gpuvoice.aws.account import Account
from gpuvoice.aws.capacity import zones
from gpuvoice.aws.deployed import Deployed
from gpuvoice.aws.project import Project
from gpuvoice.doctor.finding import Finding, fail, ok, warn


def check_zones(account: Account, project: Project, deployed: Deployed | None) -> Iterator[Finding]:
    for instance_type in project.instance_types:
        check, found = f"instance type {instance_type}", zones(account, instance_type, deployed)
        if not found.offered:
            yield fail(
                check,
                f"not offered in {account.region}",
                "Name another type under capacity.instance_types, or another region.",
            )
            continue
        offered = f"offered in {', '.join(sorted(found.offered))}"
        reachable = found.wanted & found.offered
        if found.wanted and not reachable:
            yield fail(
                check,
                f"{offered}; the stack is in {', '.join(sorted(found.wanted))}",
                "Put zones that offer it under network.zones.",
            )
        elif found.wanted - found.offered:
            yield warn(
                check,
                f"{offered}; of the stack's zones not in "
                f"{', '.join(sorted(found.wanted - found.offered))}",
                "A start has fewer places to find one. Put zones that offer it under "
                "network.zones.",
            )
        else:
            yield ok(check, offered)
