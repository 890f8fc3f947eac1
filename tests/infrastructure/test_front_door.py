"""The load balancer, from outside."""

from __future__ import annotations

import json

import pytest

from tests.infrastructure.stacks_under_test import Stacks, stacks

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/abc"


def test_https_with_a_modern_policy_and_http_only_redirects(dev: Stacks) -> None:
    listeners = {
        each["Properties"]["Port"]: each["Properties"] for each in dev.of(LISTENER).values()
    }
    assert set(listeners) == {80, 443}
    assert listeners[443]["Protocol"] == "HTTPS"
    assert listeners[443]["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    redirect = listeners[80]["DefaultActions"][0]["RedirectConfig"]
    assert (redirect["Protocol"], redirect["StatusCode"]) == ("HTTPS", "HTTP_301")


def test_an_unknown_path_is_a_json_404(dev: Stacks) -> None:
    (https,) = [
        each["Properties"]
        for each in dev.of(LISTENER).values()
        if each["Properties"]["Port"] == 443
    ]
    fixed = https["DefaultActions"][0]["FixedResponseConfig"]
    assert (fixed["StatusCode"], fixed["ContentType"]) == ("404", "application/json")
    assert json.loads(fixed["MessageBody"])["success"] is False


def test_long_calls_pass_and_invalid_headers_do_not(dev: Stacks) -> None:
    given = dev.one(BALANCER)["LoadBalancerAttributes"]
    attributes = {each["Key"]: each["Value"] for each in given}
    assert attributes["idle_timeout.timeout_seconds"] == "1900"
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"


def test_a_certificate_is_made_in_the_zone_or_taken_by_its_name(dev: Stacks) -> None:
    made = dev.one("AWS::CertificateManager::Certificate")
    assert made["DomainName"] == "gpu-dev.example.com"
    assert made["DomainValidationOptions"][0]["HostedZoneId"] == "Z0000000EXAMPLE"
    given = stacks({"front_door": {"certificate_arn": CERTIFICATE}})
    assert not given.of("AWS::CertificateManager::Certificate")
    assert CERTIFICATE in json.dumps(given.of(LISTENER))


def test_the_fixed_name_is_an_alias(dev: Stacks) -> None:
    record = dev.one("AWS::Route53::RecordSet")
    assert (record["Name"], record["Type"]) == ("gpu-dev.example.com.", "A")
    assert "AliasTarget" in record


def test_an_internal_load_balancer_has_a_private_zone_and_no_public_address() -> None:
    made = stacks(
        {
            "network": {"egress": "nat"},
            "front_door": {
                "internal": True,
                "certificate_arn": CERTIFICATE,
                "domain": {"name": "gpu.corp.test", "zone_name": None, "zone_id": None},
            },
        }
    )
    balancer = made.one(BALANCER)
    assert balancer["Scheme"] == "internal"
    assert "PrivateSubnet" in json.dumps(balancer["Subnets"])
    zone = made.one("AWS::Route53::HostedZone")
    # A zone of corp.test would hide every other name in it from the VPC.
    assert zone["Name"] == made.one("AWS::Route53::RecordSet")["Name"] == "gpu.corp.test."
    assert zone["VPCs"]


def test_only_the_allowed_ranges_come_in_and_only_to_two_ports() -> None:
    made = stacks({"front_door": {"allowed_ranges": ["203.0.113.0/24", "198.51.100.7/32"]}})
    rules = made.one("AWS::EC2::SecurityGroup", path="FrontDoor")["SecurityGroupIngress"]
    found = {(rule["CidrIp"], rule["FromPort"]) for rule in rules}
    ranges = ("203.0.113.0/24", "198.51.100.7/32")
    assert found == {(each, port) for each in ranges for port in (80, 443)}


def test_the_load_balancer_may_call_the_servers_and_nothing_else(dev: Stacks) -> None:
    group = dev.one("AWS::EC2::SecurityGroup", path="FrontDoor")
    outward = [
        *group.get("SecurityGroupEgress", []),
        *(each["Properties"] for each in dev.of("AWS::EC2::SecurityGroupEgress").values()),
    ]
    assert outward
    # 255.255.255.255/32 is the CDK's way to write 'nowhere'.
    real = [rule for rule in outward if rule.get("CidrIp") != "255.255.255.255/32"]
    assert {(rule["FromPort"], rule["ToPort"]) for rule in real} == {(5000, 5001)}


@pytest.mark.parametrize(("requests", "count"), [(0, 0), (500, 1)])
def test_the_rate_limit_is_a_setting(requests: int, count: int) -> None:
    made = stacks({"front_door": {"waf_requests_per_5_minutes": requests}})
    lists = list(made.of("AWS::WAFv2::WebACL").values())
    assert len(lists) == len(made.of("AWS::WAFv2::WebACLAssociation")) == count
    for each in lists:
        # Nothing looks at methods, headers or bodies.
        assert [rule["Name"] for rule in each["Properties"]["Rules"]] == ["rate"]
        statement = each["Properties"]["Rules"][0]["Statement"]["RateBasedStatement"]
        assert (statement["Limit"], statement["EvaluationWindowSec"]) == (requests, 300)


def test_access_logs_are_a_setting_and_go_by_age() -> None:
    made = stacks({"front_door": {"access_logs_days": 9}})
    assert "access_logs.s3.enabled" in json.dumps(made.one(BALANCER))
    bucket = made.one("AWS::S3::Bucket", path="Logs")
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 9
