"""The container of a slot: what runs, how it is watched, what it may do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench.start_budget import CONTAINER_UP, FIRST_RESULT, MACHINES, MIB, WEIGHTS_GB, Mode, load
from config.capacity import CapacitySettings
from config.settings import ConfigError, Settings, validated
from stacks.parts.model_task import GPU_START_SECONDS
from tests.infrastructure.stacks_under_test import Stacks, settings, stacks
from voicehost.settings import VoiceHostSettings


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


def test_the_container_is_nobody_and_has_ends_to_what_it_may_take(dev: Stacks) -> None:
    found = container(dev)
    user, _, group = found["User"].partition(":")
    assert int(user) == int(group) == 10001
    (files,) = found["Ulimits"]
    assert files["Name"] == "nofile"
    assert files["SoftLimit"] == files["HardLimit"] == 65536
    # Processes are limited by the ECS agent: a container definition on EC2 has no word for it.
    template = dev.one("AWS::EC2::LaunchTemplate", path="/Blue/")
    assert "ECS_TASK_PIDS_LIMIT=4096" in json.dumps(template)


def test_nothing_can_be_run_from_where_the_container_can_write(dev: Stacks) -> None:
    linux = container(dev)["LinuxParameters"]
    (tmp,) = linux["Tmpfs"]
    assert (tmp["ContainerPath"], tmp["Size"]) == ("/tmp", 1024)  # noqa: S108
    assert set(tmp["MountOptions"]) == {"nosuid", "nodev", "noexec"}
    assert linux["SharedMemorySize"] == settings().servers.shared_memory_mib
    assert "MountPoints" not in container(dev)


def test_the_memory_of_the_container_is_enough_to_load_and_to_serve(dev: Stacks) -> None:
    """Both servers may hold all their weights before the GPU does; bodies come when they are ready.

    That a process with torch and CUDA keeps a GiB and a half for itself is assumed.
    """
    found, servers = container(dev), settings().servers
    always = found["LinuxParameters"]["Tmpfs"][0]["Size"] + servers.shared_memory_mib + 2 * 1536
    loading = WEIGHTS_GB * 1000 / MIB
    serving = 2 * VoiceHostSettings().memory_mib
    assert always + max(loading, serving) < found["Memory"] == found["MemoryReservation"]
    # What a g4dn.xlarge has, less what the kernel and the ECS agent keep: about 15,400 MiB.
    assert found["Memory"] <= 15_400


def test_a_server_that_ends_while_it_loads_counts_as_a_failed_start(dev: Stacks) -> None:
    assert environment(dev)["VOICE_START_SECONDS"] == str(GPU_START_SECONDS)
    offered: tuple[Mode, ...] = ("cold", "warm pool")
    for machine in MACHINES:
        for mode in offered:
            loaded = CONTAINER_UP + load(machine, CapacitySettings(), mode) + FIRST_RESULT
            assert loaded.slow < GPU_START_SECONDS, (machine.name, mode)
    slower = stacks({"servers": {"environment": {"VOICE_START_SECONDS": "600"}}})
    assert environment(slower)["VOICE_START_SECONDS"] == "600"
    assert "VOICE_START_SECONDS" not in environment(stacks({"servers": {"engine": "cpu"}}))


def test_the_engines_for_a_gpu_are_refused_without_one() -> None:
    below = settings().model_dump(mode="json")

    def with_servers(**servers: Any) -> Settings:
        every = {**below, "servers": {**below["servers"], **servers}}
        return validated(Settings, every, "config/dev.yaml")

    with pytest.raises(ConfigError, match="the engines `cuda` need one"):
        with_servers(gpus=0)
    assert with_servers(gpus=0, environment={"VOICE_DEVICE": "cpu"}).servers.gpus == 0
    assert with_servers(gpus=0, engine="cpu").servers.gpus == 0


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


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements(dev: Stacks) -> list[dict[str, Any]]:
    """Of the role that the servers of the blue slot have."""
    return [
        statement
        for policy in dev.of("AWS::IAM::Policy").values()
        if "BlueTaskDefinitionTaskRole" in json.dumps(policy["Properties"]["Roles"])
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]


def test_the_task_role_reads_two_secrets_and_uses_one_bucket_and_no_more(dev: Stacks) -> None:
    assert {action for each in statements(dev) for action in listed(each["Action"])} == {
        "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret",
        "s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket",
    }  # fmt: skip
    assert all(statement["Resource"] != "*" for statement in statements(dev))


@pytest.mark.parametrize(("action", "folders"), [
    ("s3:PutObject", ["jobs/*", "results/*", "store/*"]),
    ("s3:GetObject", ["jobs/*", "results/*", "store/*"]),
    # Somebody may hold a link to a result: it goes by its age alone.
    ("s3:DeleteObject", ["jobs/*", "store/*"]),
])  # fmt: skip
def test_the_servers_may_do_that_in_these_folders(
    dev: Stacks, action: str, folders: list[str]
) -> None:
    (bucket,) = dev.of("AWS::S3::Bucket", path="Results/")
    (found,) = [each for each in statements(dev) if action in listed(each["Action"])]
    assert found["Effect"] == "Allow"
    parts = [each["Fn::Join"][1] for each in listed(found["Resource"])]
    assert {json.dumps(of) for of, _ in parts} == {json.dumps({"Fn::GetAtt": [bucket, "Arn"]})}
    assert sorted(name.removeprefix("/") for _, name in parts) == folders


def test_what_is_kept_and_who_is_told_are_settings() -> None:
    servers = {
        "callback_hosts": ["hooks.example.com", "ci.example.com:8443"],
        "openai_voices": {"alloy": "Aiden", "nova": "Vivian"},
    }
    given = environment(stacks({"jobs": {"days": 9}, "store": {"days": 30}, "servers": servers}))
    assert (given["VOICE_JOBS_DAYS"], given["VOICE_STORE_DAYS"]) == ("9", "30")
    assert given["VOICE_CALLBACK_HOSTS"] == "hooks.example.com,ci.example.com:8443"
    assert given["VOICE_OPENAI_VOICES"] == "alloy=Aiden,nova=Vivian"
    # What says nothing new would replace the live slot's task, whose image may not know it.
    assert not set(environment(stacks())) & {
        *("VOICE_JOBS_DAYS", "VOICE_STORE_DAYS", "VOICE_CALLBACK_HOSTS", "VOICE_OPENAI_VOICES")
    }


def test_cors_origins_reach_the_servers_and_the_bucket() -> None:
    origins = ["https://slides.example.com", "http://localhost:3000"]
    made = stacks({"servers": {"cors_origins": origins}})
    assert environment(made)["VOICE_CORS_ORIGINS"] == ",".join(origins)
    rules = made.one("AWS::S3::Bucket", path="Results")["CorsConfiguration"]["CorsRules"]
    assert sorted(rules[0]["AllowedOrigins"]) == sorted(origins)


def environment(dev: Stacks) -> dict[str, Any]:
    return {each["Name"]: each["Value"] for each in container(dev)["Environment"]}
