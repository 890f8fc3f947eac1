"""What the stacks write is what the servers read, and what the servers publish is watched."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from config.data import JobsSettings, StoreSettings
from config.server_variables import SERVER_VARIABLES
from config.servers import OURS, ServersSettings
from operate import key
from power.decide import decide
from power.journal import LogJournal
from stacks.names import SERVERS, SLOT_HEADER, Naming
from stacks.parts.model_task import GPU_START_SECONDS, USER
from tests.infrastructure.stacks_under_test import Stacks, stacks
from tests.power.facts import NOW, on
from voicehost.gpu.figures import Reading, figures
from voicehost.key_format import parse_keys
from voicehost.keys import KeyRing
from voicehost.settings import VoiceHostSettings, variable
from voicehost.web.slot import SLOT_HEADER as ANSWERED

RUNTIME = Path(__file__).parents[2] / "containers/voice/voicehost"
DOCKERFILE = RUNTIME.parent / "Dockerfile"


@pytest.fixture(scope="module")
def made() -> Stacks:
    servers = {
        "engine": "cpu",
        "environment": {"VOICE_BATCH_ROWS": "8"},
        "callback_hosts": ["hooks.example.com", "ci.example.com:8443"],
        "openai_voices": {"alloy": "Aiden", "nova": "Vivian"},
    }
    return stacks({"servers": servers, "jobs": {"days": 365}, "store": {"days": 365}})


def written(made: Stacks) -> dict[str, Any]:
    definition = made.one("AWS::ECS::TaskDefinition", path="/Blue/")
    return {e["Name"]: e["Value"] for e in definition["ContainerDefinitions"][0]["Environment"]}


def test_every_variable_of_the_task_is_a_setting_of_the_servers(made: Stacks) -> None:
    known = {variable(name) for name in VoiceHostSettings.model_fields}
    assert set(written(made)) <= known
    assert known >= OURS
    assert {name for name in known if name.startswith("VOICE_")} == SERVER_VARIABLES
    assert set(written(made)) - {"AWS_REGION", "VOICE_BATCH_ROWS"} <= OURS


def test_the_servers_accept_the_tasks_variables(
    made: Stacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in written(made).items():
        monkeypatch.setenv(name, value if isinstance(value, str) else "arn:aws:a-reference")
    read = VoiceHostSettings.from_env()
    assert (read.slot, read.release, read.batch_rows) == ("blue", "v1", 8)
    assert read.metrics_namespace == Naming("dev").namespace
    assert read.keep_alive_seconds > 1900
    assert read.graceful_seconds == 1800
    assert (read.jobs_days, read.store_days) == (365, 365)
    assert read.callback_hosts == ("hooks.example.com", "ci.example.com:8443")
    assert read.openai_voices == ("alloy=Aiden", "nova=Vivian")


def test_what_the_stacks_do_not_say_is_what_the_servers_do() -> None:
    plain = VoiceHostSettings()
    assert (plain.jobs_days, plain.store_days) == (JobsSettings().days, StoreSettings().days)
    assert (plain.callback_hosts, plain.openai_voices) == ((), ())


def test_the_ports_are_the_servers_own() -> None:
    settings = VoiceHostSettings()
    assert {"tts": settings.tts_port, "whisperx": settings.whisperx_port} == SERVERS


def test_engines_of_the_stacks_are_families_of_the_servers() -> None:
    offered = set(get_args(ServersSettings.model_fields["engine"].annotation))
    families = set(get_args(VoiceHostSettings.model_fields["engine"].annotation))
    assert families == offered


def test_the_image_and_the_task_agree_on_who_runs_it_and_how_long_it_loads() -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    assert re.findall(r"^USER (\S+)$", text, re.MULTILINE) == [USER]
    assert re.findall(r"VOICE_START_SECONDS=(\d+)", text) == [str(GPU_START_SECONDS)]


def test_a_minted_key_opens_the_servers_and_ends_when_it_should() -> None:
    clear, entry = key.mint(64)
    ring = KeyRing(tuple(parse_keys(json.dumps({"alice": [entry]}))))
    found = ring.find(clear)
    assert found is not None
    assert (found.name, found.queue_items, found.service) == ("alice", 64, False)
    assert ring.find(clear + "x") is None
    old = {**entry, "expires_at": "2020-01-01T00:00:00Z"}
    assert KeyRing(tuple(parse_keys(json.dumps({"alice": [old]})))).find(clear) is None


def test_alarms_and_dashboard_look_at_metrics_that_are_published(made: Stacks) -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in RUNTIME.rglob("*.py"))
    published = set(re.findall(r'\.(?:add|gauge|count)\(\s*"([A-Z]\w+)"', source))
    published |= _of_the_gpu() | _of_the_controller()
    text = json.dumps(made.operations)
    namespace = Naming("dev").namespace
    watched = set(re.findall(rf'{namespace}\\*", *\\*"([A-Z]\w+)', text))
    for alarm in made.of("AWS::CloudWatch::Alarm", stack="operations").values():
        metrics = [m["MetricStat"]["Metric"] for m in alarm["Properties"].get("Metrics", [])
                   if "MetricStat" in m] + [alarm["Properties"]]  # fmt: skip
        watched |= {m["MetricName"] for m in metrics if m.get("Namespace") == namespace}
    assert {"Requests", "ServerErrors", "SecondsSinceLastRequest", "InFlight"} <= watched
    assert {"GpuMemoryPercent", "GpuPowerWatts", "OutOfMemory", "BatchRows"} <= watched
    assert watched <= published


def _of_the_gpu() -> set[str]:
    """Names of the figures of a GPU that answers every question."""
    return set(figures([[Reading(50.0, 2**30, 2**34, 60.0, 70.0)]]))


def _of_the_controller() -> set[str]:
    """Names in the metric lines that the power controller prints of a decision."""
    out = io.StringIO()
    facts = on(0)
    LogJournal(Naming("dev").namespace, out).decided(facts, decide(facts, NOW), NOW)
    lines = [json.loads(line) for line in out.getvalue().splitlines() if "_aws" in line]
    directives = [each for line in lines for each in line["_aws"]["CloudWatchMetrics"]]
    assert {each["Namespace"] for each in directives} == {Naming("dev").namespace}
    return {metric["Name"] for each in directives for metric in each["Metrics"]}


def test_the_header_that_chooses_a_slot_is_the_one_that_answers_name() -> None:

    assert SLOT_HEADER == ANSWERED
