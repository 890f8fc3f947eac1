"""The network stack: what changes least."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import Construct

from config.network import NetworkSettings
from stacks.parts.vpc import NewVpc


class NetworkStack(cdk.Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        env: cdk.Environment,
        network: NetworkSettings,
        internal: bool,
        log_name: str,
        removal: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id, env=env, description="GPU Voice: network")
        self.net = NewVpc(
            self, "Net", network=network, internal=internal, log_name=log_name, removal=removal
        )
