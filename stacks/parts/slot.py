"""Blue or green: service, task, instances and two target groups that share nothing."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elbv2
from constructs import Construct

from stacks.names import SERVERS
from stacks.parts.gpu_capacity import GpuCapacity
from stacks.parts.model_task import ModelTask


class Slot(Construct):
    """One slot. `target_groups` has one for each server."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        cluster: ecs.Cluster,
        capacity: GpuCapacity,
        task: ModelTask,
        start_minutes: int,
        graceful_minutes: int,
        first_deploy: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        self.capacity = capacity
        self.task = task
        self.service = ecs.Ec2Service(
            self,
            "Service",
            cluster=cluster,
            task_definition=task.definition,
            # Nothing named is nothing changed: what runs, runs on through a deploy.
            desired_count=0 if first_deploy else None,
            # There is one GPU and one set of ports: the old task ends before the new one starts.
            min_healthy_percent=0,
            max_healthy_percent=100,
            availability_zone_rebalancing=ecs.AvailabilityZoneRebalancing.DISABLED,
            circuit_breaker=ecs.DeploymentCircuitBreaker(enable=True, rollback=True),
            health_check_grace_period=cdk.Duration.minutes(start_minutes),
            capacity_provider_strategies=[
                ecs.CapacityProviderStrategy(
                    capacity_provider=capacity.provider.capacity_provider_name, weight=1
                )
            ],
            propagate_tags=ecs.PropagatedTagSource.SERVICE,
        )
        # The cluster is what associates the capacity provider: without this, a deletion takes both
        # at the same time and finds the provider in use.
        self.service.node.add_dependency(cluster)
        self.target_groups = {
            name: self._target_group(name, port, cluster.vpc, graceful_minutes)
            for name, port in SERVERS.items()
        }

    def _target_group(
        self, name: str, port: int, vpc: ec2.IVpc, graceful_minutes: int
    ) -> elbv2.ApplicationTargetGroup:
        group = elbv2.ApplicationTargetGroup(
            self,
            name.capitalize(),
            vpc=vpc,
            port=port,
            protocol=elbv2.ApplicationProtocol.HTTP,
            target_type=elbv2.TargetType.INSTANCE,
            deregistration_delay=cdk.Duration.minutes(graceful_minutes),
            health_check=elbv2.HealthCheck(
                path="/ready",
                interval=cdk.Duration.seconds(10),
                timeout=cdk.Duration.seconds(5),
                healthy_threshold_count=2,
                unhealthy_threshold_count=3,
            ),
        )
        group.add_target(
            self.service.load_balancer_target(
                container_name=ModelTask.CONTAINER, container_port=port
            )
        )
        return group
