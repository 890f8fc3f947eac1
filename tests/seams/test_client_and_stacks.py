"""What the client reads of a deployment is what the stacks make, and counts what they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from config.capacity import CapacitySettings
from config.release import SLOTS as RELEASED
from config.release import load_release
from config.settings import environments, load_settings
from gpuvoice.aws.capacity import vcpus
from gpuvoice.aws.deployed import OUTPUTS, Deployed, service_stack
from gpuvoice.aws.months import PROJECT
from gpuvoice.aws.project import SLOTS, find_project
from gpuvoice.aws.running import CONTAINER, HEADER
from gpuvoice.costs.parts import Disk
from gpuvoice.doctor.precision import NEW_CARD, NO_CARD, OLD_CARD
from gpuvoice.doctor.servers import HELD, WAITING
from power.cors import SENT
from power.situation import State
from stacks.guard import write_record
from stacks.names import SLOT_HEADER, Naming
from stacks.parts.model_task import ModelTask
from tests.infrastructure.stacks_under_test import Stacks, stacks
from voicehost.engines.cuda.precision import precision_for
from voicehost.web.cors import SENT as SENT_TO_SERVERS

ROOT = Path(__file__).parents[2]
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"


@pytest.fixture(scope="module")
def made() -> Stacks:
    return stacks()


def test_the_service_stack_and_its_outputs_have_these_names(made: Stacks) -> None:
    for environment in ("dev", "prod"):
        assert service_stack(environment) == Naming(environment).stack("Service")
    assert set(OUTPUTS) <= set(made.service["Outputs"])
    read = Deployed("", {name: name for name in OUTPUTS})
    for slot in SLOTS:
        assert read.of(slot, "Service") in OUTPUTS
        assert read.of(slot, "Group") in OUTPUTS
    assert set(SLOTS) == set(RELEASED)


def test_the_repository_output_is_a_uri_that_ends_in_its_name(made: Stacks) -> None:
    parts = made.service["Outputs"]["ImageRepository"]["Value"]["Fn::Join"][1]
    assert any(part == "/" or str(part).endswith("/") for part in parts), parts
    uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/gpu-voice"
    assert Deployed("", {"ImageRepository": uri}).repository == "team/gpu-voice"


def test_the_image_of_a_slot_is_that_of_this_container_and_ends_in_its_tag(made: Stacks) -> None:
    assert CONTAINER == ModelTask.CONTAINER
    definition = made.one("AWS::ECS::TaskDefinition", path="/Blue/")
    (container,) = definition["ContainerDefinitions"]
    assert container["Name"] == CONTAINER
    assert str(container["Image"]["Fn::Join"][1][-1]).endswith(":v1")


def test_rules_that_callers_meet_differ_from_those_of_the_idle_slot_by_a_header(
    made: Stacks,
) -> None:
    rules = {name: r["Properties"] for name, r in made.of(RULE).items()}
    live = [r for r in rules.values() if HEADER not in _fields(r)]
    assert len(live) == 2 == len(rules) - len(live)
    for rule in live:
        assert _fields(rule) == ["path-pattern"]
        weights = [t["Weight"] for t in rule["Actions"][0]["ForwardConfig"]["TargetGroups"]]
        assert sorted(weights) == [0, 100]
    staged = next(r for r in rules.values() if HEADER in _fields(r))
    (header,) = (c["HttpHeaderConfig"] for c in staged["Conditions"] if c["Field"] == HEADER)
    assert header["HttpHeaderName"] == SLOT_HEADER


def test_costs_are_counted_by_the_tags_that_everything_has(made: Stacks) -> None:
    tagged = made.one("AWS::ElasticLoadBalancingV2::LoadBalancer")["Tags"]
    tags = {tag["Key"]: tag["Value"] for tag in tagged}
    assert (tags["project"], tags["environment"]) == (PROJECT, "dev")


@pytest.mark.parametrize("environment", environments())
def test_the_clients_reading_of_the_settings_is_theirs(environment: str) -> None:
    project, settings = find_project(environment, ROOT), load_settings(environment)
    assert project.region == settings.region
    assert project.instance_types == settings.capacity.instance_types
    assert project.purchase == settings.capacity.purchase
    assert project.repository == settings.image.repository
    release, found = load_release(environment), project.release
    assert found is not None
    assert (found.active, dict(found.tags)) == (
        release.active, {slot: release.slots[slot].tag for slot in RELEASED},
    )  # fmt: skip
    assert [found.weight(slot) for slot in RELEASED] == [release.weight(slot) for slot in RELEASED]


def test_outside_a_checkout_the_defaults_are_those_of_the_stacks(tmp_path: Path) -> None:
    project, defaults = find_project("dev", tmp_path), CapacitySettings()
    assert project.instance_types == defaults.instance_types
    assert project.purchase == defaults.purchase
    assert project.repository == load_settings("dev").image.repository


def test_the_record_of_a_deploy_is_read_as_it_is_written(
    made: Stacks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config/deployed").mkdir(parents=True)
    (tmp_path / "config/base.yaml").write_text("", encoding="utf-8")
    monkeypatch.setenv("GPUVOICE_RECORDS", str(tmp_path / "config/deployed"))
    write_record("dev", made.service)
    assert find_project("dev", tmp_path).record() == ["blue"]


def test_the_disk_of_the_estimate_is_that_of_the_settings() -> None:
    defaults = CapacitySettings()
    assert Disk().volume_gib == defaults.volume_gib
    assert Disk().volume_mib_per_second == defaults.volume_mib_per_second


def test_every_type_that_the_settings_take_has_its_size_in_its_name() -> None:
    sizes = {"g4dn.xlarge": 4, "g5.2xlarge": 8, "g6e.48xlarge": 192, "p5.48xlarge": None}
    assert {name: vcpus(name) for name in sizes} == sizes
    for name in sizes:
        CapacitySettings(instance_types=(name,))


def test_every_state_of_the_power_switch_has_words() -> None:
    known = set(re.findall(r"'(\w+)'", str(State)))
    assert known - {"on"} == {*WAITING, *HELD}


def test_pages_may_send_the_headers_that_the_doctor_asks_for() -> None:
    for sent in (SENT, SENT_TO_SERVERS):
        assert {"content-type", "x-api-key"} <= {name.casefold() for name in sent}


def test_the_formats_that_the_doctor_tells_are_those_of_the_servers() -> None:
    for card, capability in ((OLD_CARD, (7, 5)), (NEW_CARD, (8, 6)), (NO_CARD, None)):
        told = precision_for(capability)
        assert card["speech"].startswith(told.talker)
        assert card["recognition"] == told.ears
        assert told.mixed == ("predictor" in card["speech"])


def _fields(rule: Any) -> list[str]:
    return [condition["Field"] for condition in rule["Conditions"]]
