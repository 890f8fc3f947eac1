"""The task of one slot: one container, one GPU, both servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from constructs import Construct

from config.servers import ServersSettings
from stacks.names import SERVERS
from stacks.parts.log_groups import log_group
from stacks.reasons import accept

# A health check that starts when the container does may be lenient for at most so long.
START_PERIOD = cdk.Duration.minutes(5)
# As the image names it: a number, which a check for root can read.
USER = "10001:10001"
# Sockets of callers, the load balancer's and the servers' own, with room to spare.
OPEN_FILES = 65_536
# What libraries compile and keep for themselves; bodies stay in memory.
TMP_MIB = 1024
# Longer than the models take to load from a disk at its baseline: a server that ends sooner counts
# as a failed start, and four of those end the container.
GPU_START_SECONDS = 300


class ModelTask(Construct):
    """`definition` with the container `voice`; ports 5000 and 5001 on the host as in the container.

    Bridge mode: on EC2 a task with a network interface of its own gets no public address, and
    would need NAT.
    """

    CONTAINER = "voice"

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        repository: ecr.IRepository,
        tag: str,
        servers: ServersSettings,
        environment: Mapping[str, str],
        log_name: str,
        removal: cdk.RemovalPolicy,
    ) -> None:
        super().__init__(scope, construct_id)
        self.definition = ecs.Ec2TaskDefinition(
            self, "Definition", network_mode=ecs.NetworkMode.BRIDGE
        )
        container = self.definition.add_container(
            self.CONTAINER,
            container_name=self.CONTAINER,
            image=ecs.ContainerImage.from_ecr_repository(repository, tag),
            gpu_count=servers.gpus or None,
            memory_limit_mib=servers.memory_mib,
            memory_reservation_mib=servers.memory_mib,
            user=USER,
            readonly_root_filesystem=True,
            linux_parameters=self._linux(servers.shared_memory_mib),
            docker_security_options=["no-new-privileges"],
            ulimits=[
                ecs.Ulimit(name=ecs.UlimitName.NOFILE, soft_limit=OPEN_FILES, hard_limit=OPEN_FILES)
            ],
            stop_timeout=cdk.Duration.minutes(servers.graceful_minutes + 1),
            environment={
                **_start(servers.engine),
                **servers.environment,
                **environment,
                "VOICE_ENGINE": servers.engine,
                "VOICE_HOST": "0.0.0.0",
                "VOICE_CORS_ORIGINS": ",".join(servers.cors_origins),
                **_given("VOICE_CALLBACK_HOSTS", servers.callback_hosts),
                **_given(
                    "VOICE_OPENAI_VOICES",
                    [f"{name}={voice}" for name, voice in servers.openai_voices.items()],
                ),
                "VOICE_GRACEFUL_SECONDS": str(servers.graceful_minutes * 60),
            },
            health_check=ecs.HealthCheck(
                command=["CMD", "python3", "-m", "voicehost", "live"],
                interval=cdk.Duration.seconds(30),
                timeout=cdk.Duration.seconds(10),
                retries=3,
                start_period=START_PERIOD,
            ),
            logging=ecs.LogDrivers.aws_logs(
                stream_prefix=self.CONTAINER,
                # A full buffer drops lines instead of stopping the servers.
                mode=ecs.AwsLogDriverMode.NON_BLOCKING,
                max_buffer_size=cdk.Size.mebibytes(25),
                log_group=log_group(
                    self, "Log", name=log_name, days=servers.log_days, removal=removal
                ),
            ),
        )
        for name, port in SERVERS.items():
            container.add_port_mappings(
                ecs.PortMapping(name=name, container_port=port, host_port=port)
            )
        self._accept()

    def _linux(self, shared_memory_mib: int) -> ecs.LinuxParameters:
        linux = ecs.LinuxParameters(self, "Linux", shared_memory_size=shared_memory_mib)
        linux.drop_capabilities(ecs.Capability.ALL)
        linux.add_tmpfs(
            ecs.Tmpfs(
                container_path="/tmp",
                size=TMP_MIB,
                mount_options=[
                    ecs.TmpfsMountOption.NOSUID,
                    ecs.TmpfsMountOption.NODEV,
                    ecs.TmpfsMountOption.NOEXEC,
                ],
            )
        )
        return linux

    def _accept(self) -> None:
        accept(
            self.definition,
            "The variables hold settings and the names of secrets; the servers fetch the values "
            "at run time.",
            "AwsSolutions-ECS2",
        )
        accept(
            self.definition,
            "A registry token is not bound to one repository; AWS offers no narrower resource.",
            "AwsSolutions-IAM5[Resource::*]",
        )


def _start(engine: str) -> dict[str, str]:
    """`servers.environment` may name another time."""
    return {"VOICE_START_SECONDS": str(GPU_START_SECONDS)} if engine == "cuda" else {}


def _given(variable: str, values: Sequence[str]) -> dict[str, str]:
    # Empty it would replace a live task for nothing, by one whose image may not know it.
    return {variable: ",".join(values)} if values else {}
