"""Where the stack lives, and who can reach an instance."""

from __future__ import annotations

import json

from tests.infrastructure.stacks_under_test import Stacks, stacks

EXISTING = {
    "vpc_id": "vpc-0123456789abcdef0",
    "zones": ["us-east-1a", "us-east-1b"],
    "public_subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
}


def test_two_public_subnets_and_nothing_that_costs_by_the_hour(dev: Stacks) -> None:
    assert len(dev.of("AWS::EC2::Subnet", stack="network")) == 2
    for kind in ("AWS::EC2::NatGateway", "AWS::EC2::EIP", "AWS::Lambda::Function"):
        assert not dev.of(kind, stack="network")
    endpoint = dev.one("AWS::EC2::VPCEndpoint", stack="network")
    assert endpoint["VpcEndpointType"] == "Gateway"
    assert ".s3" in json.dumps(endpoint["ServiceName"])


def test_nothing_reaches_an_instance_but_the_load_balancer_on_two_ports(dev: Stacks) -> None:
    inward = dev.of("AWS::EC2::SecurityGroupIngress")
    assert len(inward) == 2
    for rule in inward.values():
        properties = rule["Properties"]
        assert (properties["FromPort"], properties["ToPort"]) == (5000, 5001)
        assert "FrontDoor" in json.dumps(properties["SourceSecurityGroupId"])
    for group in dev.of("AWS::EC2::SecurityGroup", path="Capacity").values():
        assert "SecurityGroupIngress" not in group["Properties"]
    assert "KeyName" not in json.dumps(dev.of("AWS::EC2::LaunchTemplate"))


def test_nat_and_endpoints_move_the_instances_into_private_subnets() -> None:
    nat = stacks({"network": {"egress": "nat"}})
    assert len(nat.of("AWS::EC2::NatGateway", stack="network")) == 1
    closed = stacks({"network": {"egress": "endpoints"}})
    kinds = [
        endpoint["Properties"]["VpcEndpointType"]
        for endpoint in closed.of("AWS::EC2::VPCEndpoint", stack="network").values()
    ]
    assert sorted(kinds) == ["Gateway", *["Interface"] * 9]
    for made in (nat, closed):
        for group in made.of("AWS::AutoScaling::AutoScalingGroup").values():
            assert "PrivateSubnet" in json.dumps(group["Properties"]["VPCZoneIdentifier"])
        for template in made.of("AWS::EC2::LaunchTemplate").values():
            data = template["Properties"]["LaunchTemplateData"]
            assert data["NetworkInterfaces"][0]["AssociatePublicIpAddress"] is False


def test_an_existing_vpc_is_used_and_none_is_made() -> None:
    made = stacks({"network": {"existing": EXISTING}})
    assert not made.of("AWS::EC2::VPC", stack="network")
    for group in made.of("AWS::AutoScaling::AutoScalingGroup").values():
        assert group["Properties"]["VPCZoneIdentifier"] == EXISTING["public_subnet_ids"]


def test_flow_logs_are_a_setting_and_record_what_was_refused() -> None:
    made = stacks({"network": {"flow_logs_days": 14}})
    assert made.one("AWS::EC2::FlowLog", stack="network")["TrafficType"] == "REJECT"
    assert made.one("AWS::Logs::LogGroup", stack="network")["RetentionInDays"] == 14
