"""Whether the account may start a GPU, and two of them for a swap."""

from __future__ import annotations

from collections.abc import Iterator

from gpuvoice.aws.account import Account
from gpuvoice.aws.capacity import QUOTAS, quota, vcpus
from gpuvoice.aws.deployed import Deployed
from gpuvoice.aws.failures import NotAllowed
from gpuvoice.aws.project import Project
from gpuvoice.doctor.finding import Finding, fail, ok, skipped, warn

NAMES = {"on_demand": "GPU quota, on demand", "spot": "GPU quota, Spot"}


def check_quotas(
    account: Account, project: Project, deployed: Deployed | None
) -> Iterator[Finding]:
    sizes = [vcpus(each) for each in project.instance_types]
    if None in sizes:
        other = project.instance_types[sizes.index(None)]
        yield skipped(
            "GPU quota", f"{other} is not of the G families",
            "Look at its family's quota in the console: Service Quotas, EC2.",
        )  # fmt: skip
        return
    one = max(size for size in sizes if size)
    for purchase, name in NAMES.items():
        try:
            allowed = quota(account, purchase)
        except NotAllowed as error:
            yield skipped(name, f"these credentials may not {error.right}", "Ask for that right.")
            continue
        yield _judge(project, purchase, allowed, one)


def _judge(project: Project, purchase: str, allowed: float, one: int) -> Finding:
    name, used = NAMES[purchase], project.purchase == purchase
    found = f"{allowed:g} vCPUs; a slot takes {one}, a swap {2 * one}"
    ask = (
        "Ask for more, it can take days: aws service-quotas request-service-quota-increase "
        f"--service-code ec2 --quota-code {QUOTAS[purchase]} --desired-value {max(16, 2 * one)}"
    )
    if not used:
        # With Spot, a start that finds none goes on with an instance on demand.
        if purchase == "on_demand" and allowed < one:
            return warn(name, f"{found}; without it there is no way out when Spot has none", ask)
        return ok(name, f"{found}; capacity.purchase is {project.purchase}")
    if allowed < one:
        return fail(name, f"{found}: no GPU can start, and nothing would say so", ask)
    if allowed < 2 * one:
        return warn(name, f"{found}: both slots cannot run at once", ask)
    return ok(name, found)
