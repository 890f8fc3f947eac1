"""The GPU instances of one slot: launch template, group of 0 or 1, capacity provider."""

from __future__ import annotations

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_autoscaling as autoscaling
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_iam as iam
from constructs import Construct

from config.capacity import CapacitySettings
from stacks.parts.instance_boot import park_with_image, user_data
from stacks.parts.warm_pool import WarmPool
from stacks.reasons import accept, accept_checkov

OWN_POLICY = (
    "What AWS documents for a container instance: discovery, telemetry and registry tokens know no "
    "narrower resource, the rest names the cluster."
)


class GpuCapacity(Construct):
    """Scaled by setting the group's count, 0 or 1; nothing here scales by itself.

    The group is the slot's own, so that shrinking it or giving it a new machine image can end no
    instance of the other slot.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        capacity: CapacitySettings,
        cluster: ecs.Cluster,
        subnets: Sequence[ec2.ISubnet],
        public: bool,
        name: str,
        image: str,
        stop_minutes: int,
        warm: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        self.security_group = ec2.SecurityGroup(
            self, "Firewall", vpc=cluster.vpc, description=f"{name}: in from the load balancer only"
        )
        role = self.role = self._role()
        self.launch_template = self._template(capacity, role, public, name, stop_minutes)
        mixed = capacity.purchase == "spot" or len(capacity.instance_types) > 1
        self.group = autoscaling.AutoScalingGroup(
            self,
            "Group",
            vpc=cluster.vpc,
            vpc_subnets=ec2.SubnetSelection(subnets=list(subnets)),
            launch_template=None if mixed else self.launch_template,
            mixed_instances_policy=_mixed(capacity, self.launch_template) if mixed else None,
            min_capacity=0,
            max_capacity=1,
            group_metrics=[
                autoscaling.GroupMetrics(
                    autoscaling.GroupMetric.IN_SERVICE_INSTANCES,
                    autoscaling.GroupMetric.DESIRED_CAPACITY,
                    autoscaling.GroupMetric.TOTAL_INSTANCES,
                )
            ],
        )
        accept(
            self.group,
            "Each start and stop is asked for and logged by the one who asked; a message for each "
            "would be noise.",
            "AwsSolutions-AS3",
        )
        if mixed:
            accept(
                self.group,
                "The disk is encrypted in the launch template, which the rule does not look into.",
                "AwsSolutions-EC26",
            )
        cdk.Tags.of(self.group).add("Name", name)
        if warm:
            cdk.Tags.of(self.group).add("gpu-voice:image", image)
            WarmPool(self, "Warm", group=self.group, role=role)
        self.provider = self._provider(cluster)
        # After the cluster's name, which the provider adds to the same commands.
        if capacity.warm_pool and self.launch_template.user_data is not None:
            park_with_image(self.launch_template.user_data)
        accept_checkov(role.node.find_child("DefaultPolicy"), OWN_POLICY, "CKV_AWS_111")

    def _role(self) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            managed_policies=[
                iam.ManagedPolicy.from_aws_managed_policy_name("AmazonSSMManagedInstanceCore")
            ],
        )
        accept(
            role,
            OWN_POLICY,
            "AwsSolutions-IAM5[Resource::*]",
            "AwsSolutions-IAM5[Action::ecs:Submit*]",
        )
        accept(
            role,
            "Session Manager instead of SSH; AWS keeps this policy in step with its agent.",
            "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/AmazonSSMManagedInstanceCore]",
        )
        return role

    def _template(
        self, capacity: CapacitySettings, role: iam.Role, public: bool, name: str, stop_minutes: int
    ) -> ec2.LaunchTemplate:
        disk = ec2.BlockDeviceVolume.ebs(
            capacity.volume_gib,
            encrypted=True,
            volume_type=ec2.EbsDeviceVolumeType.GP3,
            throughput=capacity.volume_mib_per_second,
        )
        template = ec2.LaunchTemplate(
            self,
            "Template",
            instance_type=ec2.InstanceType(capacity.instance_types[0]),
            machine_image=_machine_image(capacity.ami_id, cdk.Stack.of(self).region),
            role=role,
            security_group=self.security_group,
            associate_public_ip_address=public,
            user_data=user_data(stop_minutes),
            block_devices=[ec2.BlockDevice(device_name="/dev/xvda", volume=disk)],
            http_tokens=ec2.LaunchTemplateHttpTokens.REQUIRED,
            http_put_response_hop_limit=1,
            instance_metadata_tags=True,
        )
        if public:
            accept_checkov(
                template,
                "The address is the way out, without NAT; nothing but the load balancer comes in.",
                "CKV_AWS_88",
            )
        return template

    def _provider(self, cluster: ecs.Cluster) -> ecs.AsgCapacityProvider:
        provider = ecs.AsgCapacityProvider(
            self,
            "Provider",
            auto_scaling_group=self.group,
            enable_managed_scaling=False,
            enable_managed_termination_protection=False,
            # Said here, taken back below: without it the construct adds a drain function, a topic
            # and a hook of its own.
            enable_managed_draining=True,
        )
        raw = provider.node.find_child(provider.node.id)
        if not isinstance(raw, ecs.CfnCapacityProvider):
            raise TypeError("the capacity provider's resource has another name now")
        raw.add_property_override("AutoScalingGroupProvider.ManagedDraining", "DISABLED")
        raw.add_property_override("AutoScalingGroupProvider.ManagedScaling", {"Status": "DISABLED"})
        cluster.add_asg_capacity_provider(provider)
        return provider


def _machine_image(ami_id: str | None, region: str) -> ec2.IMachineImage:
    if ami_id is None:
        return ecs.EcsOptimizedImage.amazon_linux2023(ecs.AmiHardwareType.GPU)
    return ec2.MachineImage.generic_linux({region: ami_id})


def _mixed(
    capacity: CapacitySettings, template: ec2.LaunchTemplate
) -> autoscaling.MixedInstancesPolicy:
    spot = capacity.purchase == "spot"
    return autoscaling.MixedInstancesPolicy(
        launch_template=template,
        launch_template_overrides=[
            autoscaling.LaunchTemplateOverrides(instance_type=ec2.InstanceType(kind))
            for kind in capacity.instance_types
        ],
        instances_distribution=autoscaling.InstancesDistribution(
            on_demand_base_capacity=0,
            on_demand_percentage_above_base_capacity=0 if spot else 100,
            on_demand_allocation_strategy=autoscaling.OnDemandAllocationStrategy.PRIORITIZED,
            spot_allocation_strategy=autoscaling.SpotAllocationStrategy.PRICE_CAPACITY_OPTIMIZED,
        ),
    )
