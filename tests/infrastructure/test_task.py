"""The container of a slot: what runs, how it is watched, what it may do."""

from __future__ import annotations

import json
from typing import Any

from tests.infrastructure.stacks_under_test import Stacks, settings, stacks


def container(dev: Stacks, slot: str = "Blue") -> Any:
    definition = dev.one("AWS::ECS::TaskDefinition", path=f"/{slot}/")
    (found,) = definition["ContainerDefinitions"]
    return found


def test_one_container_with_one_gpu_and_both_ports_in_bridge_mode(dev: Stacks) -> None:
    definition = dev.one("AWS::ECS::TaskDefinition", path="/Blue/")
    assert definition["NetworkMode"] == "bridge"
    found = container(dev)
    assert found["ResourceRequirements"] == [{"Type": "GPU", "Value": "1"}]
    ports = [(each["ContainerPort"], each["HostPort"]) for each in found["PortMappings"]]
    assert ports == [(5000, 5000), (5001, 5001)]
    assert found["ReadonlyRootFilesystem"] is True
    assert "Privileged" not in found
    assert found["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    assert found["DockerSecurityOptions"] == ["no-new-privileges"]


def test_health_asks_live_and_targets_ask_ready(dev: Stacks) -> None:
    assert container(dev)["HealthCheck"]["Command"] == ["CMD", "python3", "-m", "voicehost", "live"]
    groups = dev.of("AWS::ElasticLoadBalancingV2::TargetGroup")
    assert len(groups) == 4
    for group in groups.values():
        assert group["Properties"]["HealthCheckPath"] == "/ready"
        assert group["Properties"]["TargetType"] == "instance"


def test_a_start_may_take_its_time_and_a_stop_lets_half_an_hour_of_work_end(dev: Stacks) -> None:
    servers = settings().servers
    service = dev.one("AWS::ECS::Service", path="/Blue/")
    assert service["HealthCheckGracePeriodSeconds"] == servers.start_minutes * 60
    assert container(dev)["StopTimeout"] > servers.graceful_minutes * 60 == 1800
    variables = environment(dev)
    assert variables["VOICE_GRACEFUL_SECONDS"] == "1800"
    assert "ECS_CONTAINER_STOP_TIMEOUT=31m" in json.dumps(dev.of("AWS::EC2::LaunchTemplate"))


def test_no_secret_is_in_the_template(dev: Stacks) -> None:
    named = dev.one("AWS::SecretsManager::Secret", path="Keys/Named")
    assert named["SecretString"] == "{}"
    service = dev.one("AWS::SecretsManager::Secret", path="Keys/Service")
    assert "SecretString" not in service
    variables = environment(dev)
    for name in ("VOICE_KEYS_SECRET", "VOICE_SERVICE_KEY_SECRET"):
        assert "Ref" in variables[name]
    assert "Secrets" not in container(dev)


def test_the_task_role_reads_two_secrets_and_uses_one_bucket_and_no_more(dev: Stacks) -> None:
    policies = [
        policy["Properties"]
        for policy in dev.of("AWS::IAM::Policy").values()
        if "BlueTaskDefinitionTaskRole" in json.dumps(policy["Properties"]["Roles"])
    ]
    statements = [s for policy in policies for s in policy["PolicyDocument"]["Statement"]]
    allowed = {
        action
        for statement in statements
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }
    assert allowed == {
        "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret",
        "s3:PutObject", "s3:GetObject", "s3:ListBucket",
    }  # fmt: skip
    assert all(statement["Resource"] != "*" for statement in statements)


def test_cors_origins_reach_the_servers_and_the_bucket() -> None:
    origins = ["https://slides.example.com", "http://localhost:3000"]
    made = stacks({"servers": {"cors_origins": origins}})
    assert environment(made)["VOICE_CORS_ORIGINS"] == ",".join(origins)
    rules = made.one("AWS::S3::Bucket", path="Results")["CorsConfiguration"]["CorsRules"]
    assert sorted(rules[0]["AllowedOrigins"]) == sorted(origins)


def environment(dev: Stacks) -> dict[str, Any]:
    return {each["Name"]: each["Value"] for each in container(dev)["Environment"]}
