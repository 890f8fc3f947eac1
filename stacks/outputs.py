"""What the commands and people look up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aws_cdk as cdk
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs

if TYPE_CHECKING:
    from stacks.service import ServiceStack


def outputs(
    stack: ServiceStack, active: str, cluster: ecs.Cluster, repository: ecr.IRepository
) -> None:
    values = {
        "Url": stack.front_door.url,
        "ActiveSlot": active,
        "LoadBalancerDns": stack.front_door.balancer.load_balancer_dns_name,
        "ClusterName": cluster.cluster_name,
        "KeysSecretArn": stack.keys.named.secret_arn,
        "ServiceKeySecretArn": stack.keys.service.secret_arn,
        "ResultsBucket": stack.results.bucket.bucket_name,
        "ImageRepository": repository.repository_uri,
    }
    for colour, slot in stack.slots.items():
        values[f"{colour.capitalize()}Service"] = slot.service.service_name
        values[f"{colour.capitalize()}Group"] = slot.capacity.group.auto_scaling_group_name
    for name, value in values.items():
        cdk.CfnOutput(stack, name, value=value)
