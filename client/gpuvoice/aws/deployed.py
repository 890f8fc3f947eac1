"""The deployed service stack, as CloudFormation tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gpuvoice.aws.account import Account, code_of
from gpuvoice.aws.failures import AwsFailed

# Outputs of the stack that are read here.
OUTPUTS = (
    "Url", "ActiveSlot", "LoadBalancerDns", "ClusterName", "ImageRepository", "BlueService",
    "BlueGroup", "GreenService", "GreenGroup",
)  # fmt: skip


@dataclass(frozen=True)
class Deployed:
    stack: str
    outputs: Mapping[str, str]

    def of(self, slot: str, what: str) -> str:
        """`Service` or `Group` of a slot; "" where the stack has none."""
        return self.outputs.get(f"{slot.capitalize()}{what}", "")

    @property
    def repository(self) -> str:
        """Name of the ECR repository; "" where the stack tells none."""
        return self.outputs.get("ImageRepository", "").partition("/")[2]


def service_stack(environment: str) -> str:
    return f"GpuVoice-{environment}-Service"


def find_deployed(account: Account, environment: str) -> Deployed | None:
    """None when there is no such stack. Raises AwsFailed."""
    name = service_stack(environment)
    try:
        found = account.ask("cloudformation", "describe_stacks", StackName=name)["Stacks"]
    except AwsFailed as error:
        if code_of(error) == "ValidationError" and "does not exist" in str(error.__cause__):
            return None
        raise
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found[0].get("Outputs", [])}
    return Deployed(name, outputs) if outputs else None
