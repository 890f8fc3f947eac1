"""ECS: capacity providers in templates, and what a new service is given."""

from __future__ import annotations

from typing import Any

from ministack.services import ecs
from ministack.services.cloudformation import provisioners

from tests.emulator.extension.registry import (
    Created,
    Properties,
    answer,
    camel,
    define,
    handler,
    physical_name,
    replace,
)

SERVICE = "AWS::ECS::Service"


def install() -> None:
    define(
        "AWS::ECS::CapacityProvider",
        create=_create_provider,
        update=_update_provider,
        delete=_delete_provider,
    )
    define(
        "AWS::ECS::ClusterCapacityProviderAssociations",
        create=_associate,
        update=lambda physical_id, old, new, stack, logical_id: _associate("", new, stack),
        delete=_dissociate,
    )
    create = handler(SERVICE, "create")

    def created(logical_id: str, properties: Properties, stack: str) -> Created:
        """MiniStack drops these on create and takes them on updates only."""
        made, attributes = create(logical_id, properties, stack)
        record = _service(made)
        for name in ("HealthCheckGracePeriodSeconds", "EnableExecuteCommand", "PropagateTags"):
            if name in properties:
                record[name[:1].lower() + name[1:]] = properties[name]
        return made, attributes

    replace(SERVICE, create=created)


def _create_provider(logical_id: str, properties: Properties, stack: str) -> Created:
    name = properties.get("Name") or physical_name(stack, logical_id)
    group = camel(properties.get("AutoScalingGroupProvider") or {})
    answer(
        ecs._create_capacity_provider(
            {
                "name": name,
                "autoScalingGroupProvider": group,
                "tags": camel(properties.get("Tags") or []),
            }
        )
    )
    # MiniStack keeps three fields of the group; AWS describes what was given.
    ecs._capacity_providers[name]["autoScalingGroupProvider"].update(group)
    return name, {}


def _update_provider(
    physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
) -> Created:
    """The name and the group's ARN are fixed; the rest changes in place."""
    arn = (new.get("AutoScalingGroupProvider") or {}).get("AutoScalingGroupArn")
    before = (old.get("AutoScalingGroupProvider") or {}).get("AutoScalingGroupArn")
    if (new.get("Name"), arn) != (old.get("Name"), before):
        created = _create_provider(logical_id, new, stack)
        provisioners._delete_predecessor(_delete_provider, physical_id, old)
        return created
    group = ecs._capacity_providers[physical_id]["autoScalingGroupProvider"]
    group.update(camel(new.get("AutoScalingGroupProvider") or {}))
    return physical_id, {}


def _delete_provider(physical_id: str, properties: Properties) -> None:
    ecs._capacity_providers.pop(physical_id, None)


def _associate(logical_id: str, properties: Properties, stack: str) -> Created:
    """Ref is the cluster's name. A provider that does not exist fails the stack, as on AWS."""
    wanted = list(properties.get("CapacityProviders") or [])
    known = {"FARGATE", "FARGATE_SPOT", *ecs._capacity_providers}
    missing = [name for name in wanted if name not in known]
    if missing:
        raise ValueError(f"The specified capacity provider was not found: {', '.join(missing)}")
    answer(ecs._put_cluster_capacity_providers(_association(properties, wanted)))
    cluster: str = properties["Cluster"]
    return cluster, {}


def _dissociate(physical_id: str, properties: Properties) -> None:
    if ecs._resolve_cluster_name(physical_id) in ecs._clusters:
        answer(ecs._put_cluster_capacity_providers({"cluster": physical_id}))


def _association(properties: Properties, wanted: list[str]) -> dict[str, Any]:
    return {
        "cluster": properties["Cluster"],
        "capacityProviders": wanted,
        "defaultCapacityProviderStrategy": camel(
            properties.get("DefaultCapacityProviderStrategy") or []
        ),
    }


def _service(arn: str) -> dict[str, Any]:
    _, cluster, name = arn.rsplit("/", 2)
    found: dict[str, Any] = ecs._services[f"{ecs._resolve_cluster_name(cluster)}/{name}"]
    return found
