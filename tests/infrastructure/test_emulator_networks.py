"""EC2 in the emulated cloud, as the template reference documents it."""

from __future__ import annotations

from typing import Any

from tests.emulator.emulator import Emulator
from tests.emulator.stack import Stack

pytest_plugins = ["tests.emulator.fixture"]

VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}}
SUBNET = {
    "Type": "AWS::EC2::Subnet",
    "Properties": {
        "VpcId": {"Ref": "Vpc"},
        "CidrBlock": "10.9.0.0/24",
        "AvailabilityZone": "us-east-1a",
    },
}


def group(description: str) -> dict[str, Any]:
    return {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"GroupDescription": description, "VpcId": {"Ref": "Vpc"}},
    }


def test_an_address_and_its_nat_gateway_exist_and_go_with_their_stack(
    cloud: Emulator, stack: Stack
) -> None:
    ec2 = cloud.client("ec2")
    tags = [{"Key": "Name", "Value": "door"}]
    found = stack.put(
        {
            "Vpc": VPC,
            "Subnet": SUBNET,
            "Address": {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc", "Tags": tags}},
            "Nat": {
                "Type": "AWS::EC2::NatGateway",
                "Properties": {
                    "SubnetId": {"Ref": "Subnet"},
                    "AllocationId": {"Fn::GetAtt": ["Address", "AllocationId"]},
                },
            },
        },
        Address={"Ref": "Address"},
        Allocation={"Fn::GetAtt": ["Address", "AllocationId"]},
        Nat={"Ref": "Nat"},
    )
    (address,) = ec2.describe_addresses(PublicIps=[found["Address"]])["Addresses"]
    assert address["AllocationId"] == found["Allocation"]
    assert (
        ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [found["Allocation"]]}])[
            "Tags"
        ][0]["Value"]
        == "door"
    )
    gateways = ec2.describe_nat_gateways(NatGatewayIds=[found["Nat"]])["NatGateways"]
    assert gateways[0]["State"] == "available"

    stack.delete()
    assert found["Address"] not in {a["PublicIp"] for a in ec2.describe_addresses()["Addresses"]}
    left = {gateway["NatGatewayId"] for gateway in ec2.describe_nat_gateways()["NatGateways"]}
    assert found["Nat"] not in left


def test_a_rule_beside_its_group_lets_one_group_in_and_goes_when_it_is_taken_out(
    cloud: Emulator, stack: Stack
) -> None:
    ec2 = cloud.client("ec2")
    resources: dict[str, Any] = {"Vpc": VPC, "Door": group("door"), "Host": group("host")}
    ports = {"IpProtocol": "tcp", "FromPort": 5000, "ToPort": 5001}
    rules = {
        "In": {
            "Type": "AWS::EC2::SecurityGroupIngress",
            "Properties": {
                **ports,
                "GroupId": {"Fn::GetAtt": ["Host", "GroupId"]},
                "SourceSecurityGroupId": {"Fn::GetAtt": ["Door", "GroupId"]},
            },
        },
        "Out": {
            "Type": "AWS::EC2::SecurityGroupEgress",
            "Properties": {
                **ports,
                "GroupId": {"Fn::GetAtt": ["Door", "GroupId"]},
                "DestinationSecurityGroupId": {"Fn::GetAtt": ["Host", "GroupId"]},
            },
        },
    }
    found = stack.put({**resources, **rules}, Door={"Ref": "Door"}, Host={"Ref": "Host"})

    def described(name: str) -> dict[str, Any]:
        groups = ec2.describe_security_groups(GroupIds=[found[name]])["SecurityGroups"]
        return dict(groups[0])

    (incoming,) = described("Host")["IpPermissions"]
    assert (incoming["FromPort"], incoming["ToPort"]) == (5000, 5001)
    assert incoming["UserIdGroupPairs"][0]["GroupId"] == found["Door"]
    outgoing = described("Door")["IpPermissionsEgress"]
    assert found["Host"] in {
        pair["GroupId"] for rule in outgoing for pair in rule["UserIdGroupPairs"]
    }

    stack.put(resources)
    assert described("Host")["IpPermissions"] == []


def test_a_flow_log_watches_its_network(cloud: Emulator, stack: Stack) -> None:
    found = stack.put(
        {
            "Vpc": VPC,
            "Flow": {
                "Type": "AWS::EC2::FlowLog",
                "Properties": {
                    "ResourceId": {"Ref": "Vpc"},
                    "ResourceType": "VPC",
                    "TrafficType": "REJECT",
                    "LogDestinationType": "cloud-watch-logs",
                    "LogGroupName": "flows",
                },
            },
        },
        Vpc={"Ref": "Vpc"},
        Flow={"Ref": "Flow"},
    )
    ec2 = cloud.client("ec2")
    (log,) = ec2.describe_flow_logs(FlowLogIds=[found["Flow"]])["FlowLogs"]
    assert (log["ResourceId"], log["TrafficType"]) == (found["Vpc"], "REJECT")

    stack.delete()
    assert ec2.describe_flow_logs(FlowLogIds=[found["Flow"]])["FlowLogs"] == []
