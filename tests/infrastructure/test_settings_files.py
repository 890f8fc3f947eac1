"""A wrong setting is refused with a sentence that says what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.page import page
from config.settings import ConfigError, Settings, environments, load_settings, overlay, validated
from operate.cdk import cdk_command, tool_environment
from tests.infrastructure.stacks_under_test import ROOT, settings

DOOR: dict[str, Any] = {"front_door": {"certificate_arn": None, "domain": None}}
ZONELESS = {"domain": {"name": "gpu.example.com", "zone_name": None, "zone_id": None}}
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/abc"


def refusal(changes: dict[str, Any]) -> str:
    base = settings().model_dump(mode="json")
    with pytest.raises(ConfigError) as refused:
        validated(Settings, overlay(base, changes), "config/dev.yaml")
    return str(refused.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"front_door": {"idle_timeout_second": 60}},
            "front_door.idle_timeout_second is not a setting. Did you mean idle_timeout_seconds?",
        ),
        ({"servrs": {}}, "servrs is not a setting. Did you mean servers?"),
        (DOOR, "HTTPS needs a certificate: set certificate_arn, or domain with its zone"),
        ({"front_door": ZONELESS}, "set domain.zone_id and domain.zone_name, or certificate_arn"),
        ({"front_door": {"internal": True}}, "an internal load balancer needs one"),
        (
            {"front_door": {"domain": {"name": "gpu.other.org"}}},
            "gpu.other.org is not inside the zone example.com",
        ),
        ({"front_door": {"allowed_ranges": ["10.0.0.1/8"]}}, "write 10.0.0.0/8"),
        ({"front_door": {"allowed_ranges": ["::/0"]}}, "is no IPv4 range such as 203.0.113.0/24"),
        (
            {"front_door": {"certificate_arn": CERTIFICATE.replace("us-east-1", "eu-west-1")}},
            "it must be a certificate of us-east-1",
        ),
        ({"front_door": {"domain": {"zone_id": "x"}}}, "has not the right form. It is: Its id"),
        ({"network": {"cidr": "nonsense"}}, "is no IPv4 range such as 10.20.0.0/16"),
        ({"network": {"cidr": "10.0.0.0/24"}}, "use /16 to /20"),
        (
            {"capacity": {"warm_pool": True}, "network": {"egress": "endpoints"}},
            "capacity.warm_pool: a parked instance reports to Auto Scaling",
        ),
        ({"front_door": {"waf_requests_per_5_minutes": 7}}, "AWS takes 0 or 100 and more"),
        ({"front_door": {"idle_timeout_seconds": 5000}}, "less than or equal to 4000"),
        (
            {"capacity": {"warm_pool": True, "purchase": "spot"}},
            "warm_pool: needs purchase on_demand and exactly one instance type",
        ),
        ({"capacity": {"instance_types": ["t3.micro"]}}, "capacity.instance_types.0"),
        ({"account": "123456789012"}, "network.zones: name them where account is set"),
        ({"network": {"zones": ["us-east-1a"]}}, "a load balancer needs two"),
        (
            {"servers": {"environment": {"VOICE_KEYS": "x"}}},
            "VOICE_KEYS is written by the stack; remove it",
        ),
        ({"servers": {"environment": {"PATH": "/"}}}, "PATH is no setting of the servers"),
        (
            {"servers": {"environment": {"VOICE_BATCH_ROW": "8"}}},
            "VOICE_BATCH_ROW is no setting of the servers; did you mean VOICE_BATCH_ROWS?",
        ),
        ({"servers": {"cors_origins": ["example.com"]}}, "servers.cors_origins.0"),
        (
            {"servers": {"callback_hosts": ["https://hooks.example.com"]}},
            "servers.callback_hosts.0",
        ),
        (
            {
                "servers": {"callback_hosts": ["hooks.example.com"]},
                "network": {"egress": "endpoints"},
            },
            "servers.callback_hosts: egress `endpoints` reaches none of them",
        ),
        (
            {"servers": {"openai_voices": {"alloy": "Aiden,nova"}}},
            "servers.openai_voices: 'Aiden,nova' is no name of a voice",
        ),
        ({"jobs": {"days": 0}}, "jobs.days: Input should be greater than or equal to 1"),
        ({"results": {"days": 0}}, "results.days: Input should be greater than or equal to 1"),
        (
            {"servers": {"environment": {"VOICE_NEIGHBOUR_KEY": "x"}}},
            "VOICE_NEIGHBOUR_KEY is written by the stack; remove it",
        ),
    ],
)
def test_a_wrong_setting_is_refused_by_name(changes: dict[str, Any], said: str) -> None:
    assert said in refusal(changes)


def test_every_fault_is_told_at_once() -> None:
    said = refusal({"regon": "x", "alarms": {"emial": "y"}})
    assert "regon" in said
    assert "Did you mean email?" in said


def test_an_unknown_environment_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ConfigError, match=r"no environment 'prd'\. Use one of dev, .*prod"):
        load_settings("prd")
    for name in ("../etc/passwd", "base", "release"):
        with pytest.raises(ConfigError):
            load_settings(name)


def test_every_environment_loads() -> None:
    assert {"dev", "prod", "emulator"} <= set(environments())
    for name in environments():
        load_settings(name)


def test_the_command_line_shows_the_sentence_and_no_trace(tmp_path: Path) -> None:
    done = subprocess.run(
        [*cdk_command("synth", "prd", tmp_path), "--quiet"],
        env=tool_environment(), cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Refused: There is no environment 'prd'." in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings().region = "eu-west-1"  # type: ignore[misc]


def test_each_setting_has_a_description_on_the_page() -> None:
    text = page()
    for section, field in Settings.model_fields.items():
        assert section in text
        assert field.description
    assert "`warm_pool` | `false` |" in text
    assert "`domain.zone_id` |" in text
    assert "None |" not in text


def test_the_commands_say_what_is_wrong_and_exit_with_1() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "operate", "swap", "--env", "prd"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("swap: release.yaml says nothing of prd.")
