"""EC2: addresses, NAT gateways, rules of security groups and flow logs in templates."""

from __future__ import annotations

from typing import Any

from ministack.services import ec2
from ministack.services.cloudformation import provisioners

from tests.emulator.extension.registry import Created, Properties, answer, define, query


def install() -> None:
    define("AWS::EC2::EIP", create=_allocate, delete=_release)
    define("AWS::EC2::NatGateway", create=_nat_gateway, delete=_delete_nat_gateway)
    define("AWS::EC2::FlowLog", create=_flow_log, delete=_delete_flow_log)
    for kind, store in (("Ingress", "IpPermissions"), ("Egress", "IpPermissionsEgress")):
        rules = _Rules(store)
        define(f"AWS::EC2::SecurityGroup{kind}", create=rules.authorize, delete=rules.revoke)


def _allocate(logical_id: str, properties: Properties, stack: str) -> Created:
    """Ref is the address itself, AllocationId an attribute (aws-resource-ec2-eip)."""
    known = set(ec2._addresses)
    answer(ec2._allocate_address(query(Domain="vpc")))
    allocation = next(iter(set(ec2._addresses) - known))
    _tag(allocation, properties)
    address: str = ec2._addresses[allocation]["PublicIp"]
    return address, {"AllocationId": allocation, "PublicIp": address}


def _release(physical_id: str, properties: Properties) -> None:
    for allocation, record in list(ec2._addresses.items()):
        if record["PublicIp"] == physical_id:
            answer(ec2._release_address(query(AllocationId=allocation)))


def _nat_gateway(logical_id: str, properties: Properties, stack: str) -> Created:
    known = set(ec2._nat_gateways)
    answer(
        ec2._create_nat_gateway(
            query(
                SubnetId=properties["SubnetId"],
                AllocationId=properties.get("AllocationId", ""),
                ConnectivityType=properties.get("ConnectivityType", "public"),
            )
        )
    )
    made = next(iter(set(ec2._nat_gateways) - known))
    _tag(made, properties)
    return made, {"NatGatewayId": made}


def _delete_nat_gateway(physical_id: str, properties: Properties) -> None:
    ec2._nat_gateways.pop(physical_id, None)


def _flow_log(logical_id: str, properties: Properties, stack: str) -> Created:
    known = set(ec2._flow_logs)
    answer(
        ec2._create_flow_logs(
            query(
                ResourceId__1=properties["ResourceId"],
                ResourceType=properties["ResourceType"],
                TrafficType=properties.get("TrafficType", "ALL"),
                LogDestinationType=properties.get("LogDestinationType", "cloud-watch-logs"),
                LogDestination=properties.get("LogDestination", ""),
                LogGroupName=properties.get("LogGroupName", ""),
            )
        )
    )
    made = next(iter(set(ec2._flow_logs) - known))
    _tag(made, properties)
    return made, {"Id": made}


def _delete_flow_log(physical_id: str, properties: Properties) -> None:
    answer(ec2._delete_flow_logs(query(FlowLogId__1=physical_id)))


class _Rules:
    """A rule that stands beside its group in the template, so that two groups may name each
    other; stored in the group, as the API stores it."""

    def __init__(self, store: str) -> None:
        self._store = store

    def authorize(self, logical_id: str, properties: Properties, stack: str) -> Created:
        rules = self._rules(properties)
        rules.extend(provisioners._ec2_sg_permissions([dict(properties)]))
        return f"sgr-{provisioners.new_uuid().replace('-', '')[:17]}", {}

    def revoke(self, physical_id: str, properties: Properties) -> None:
        if properties.get("GroupId") not in ec2._security_groups:
            return  # the group is gone, and its rules with it
        gone = provisioners._ec2_sg_permissions([dict(properties)])
        rules = self._rules(properties)
        rules[:] = [rule for rule in rules if rule not in gone]

    def _rules(self, properties: Properties) -> list[dict[str, Any]]:
        group = ec2._security_groups.get(properties.get("GroupId"))
        if group is None:
            raise ValueError(f"The security group '{properties.get('GroupId')}' does not exist")
        rules: list[dict[str, Any]] = group.setdefault(self._store, [])
        return rules


def _tag(resource: str, properties: Properties) -> None:
    if properties.get("Tags"):
        ec2._tags[resource] = [dict(tag) for tag in properties["Tags"]]
