"""An upgrade of the idle slot, a swap, the way back, and what the guard refuses."""

from __future__ import annotations

from typing import Any

import yaml

from config.release import SlotName, other
from stacks.names import SERVERS, SLOT_HEADER
from tests.emulator.door import Door
from tests.emulator.run import calls, inventory, power
from tests.emulator.run.changes import changes
from tests.emulator.run.report import require
from tests.emulator.run.stage import ENVIRONMENT, Stage
from tests.emulator.run.traffic import CLIENTS, KINDS, Traffic, failure

RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
TAG = "emulated-2"
STAGED = {SLOT_HEADER.replace("-", "_"): "idle"}
PATIENCE_SECONDS = 120
# (what changes, how in the slot's part of the release file, what the refusal names)
LIVE_CHANGES: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("another tag", {"tag": "another"}, "VOICE_RELEASE"),
    (
        "another CORS origin",
        {"settings": {"servers": {"cors_origins": ["https://other.example.org"]}}},
        "VOICE_CORS_ORIGINS",
    ),
    ("another memory limit", {"settings": {"servers": {"memory_mib": 5000}}}, "[0].Memory"),
)


def upgrade(stage: Stage, door: Door, idle: SlotName, key: str) -> None:
    """A new image on the idle slot, seen under the staging header alone."""
    before = {slot: power.counts(stage, slot) for slot in (other(idle), idle)}
    with stage.report.step(f"release {TAG} to {idle}; cdk diff: one replaced task definition"):
        stage.operate("release", "--tag", TAG)
        found = changes(stage)
        replaced = [
            change.path.lower().startswith(idle)
            for change in found
            if change.kind == "AWS::ECS::TaskDefinition" and change.replaced
        ]
        require(replaced == [True] and len(found) == 1, f"The diff shows {found}.")
    with stage.report.step("deploy the release; live counts untouched"):
        stage.operate("deploy", "--yes")
        after = {slot: power.counts(stage, slot) for slot in before}
        require(after == before, f"Counts were {before} and are {after}.")
    with stage.report.step(f"a swap to {idle}, which nobody verified and which does not run"):
        said = stage.refusal("swap")
        require("make verify-slot" in said, f"It says: {said[-400:]}")
        stage.operate("swap", "--force")
        said = stage.refusal("deploy", "--yes")
        require(f"sent to {idle}, which is not ready" in said, f"It says: {said[-400:]}")
        stage.operate("rollback")
    with stage.report.step(f"start {idle} and reach it under the staging header"):
        own = power.own_rules(stage)
        require(own == {power.IDLE_RULE}, f"After a deploy the controller's rules are {own}.")
        power.start(stage, door, key, idle)
        for server in SERVERS:
            health = door.get(f"/{server}/health", **STAGED).json()
            came = (health["slot"], health["release"])
            require(came == (idle, TAG), f"{server} is {came}.")
        body = {"text": "Good morning."}
        refused = door.post("/tts/generate", body, **STAGED).status_code
        require(refused == 401, f"The staging header without a key: {refused}.")
        reached = door.post("/tts/generate", body, X_API_Key=key, **STAGED)
        require(not failure(reached), f"Under the staging header: {failure(reached)}")
        require(reached.headers.get(SLOT_HEADER) == idle, "The header leads elsewhere.")

    with stage.report.step(f"verify {idle}: the golden set through the idle slot"):
        said = stage.operate("verify-slot", "--url", stage.emulator.https)
        require("absolute limits only" in said, f"It says: {said[-600:]}")
        stage.report.note(said.strip().splitlines()[-1])


def swap_asleep(stage: Stage, door: Door, active: SlotName) -> None:
    """A swap and its way back change the template's rules and leave the controller's alone."""
    before = power.own_rules(stage)
    require(power.LIVE_RULE in before, f"Asleep, the controller's rules are {before}.")
    for command, live in (("swap", other(active)), ("rollback", active)):
        stage.operate(command)
        stage.operate("deploy", "--yes")
        inventory.check_rules(stage, live)
        after = power.own_rules(stage)
        require(power.LIVE_RULE in after, f"After a {command} the controller's rules are {after}.")
        answer = door.get("/tts/health")
        said = f"After a {command}: {answer.status_code} {answer.text[:100]}"
        asleep = answer.status_code == 503 and answer.json()["status"] == "asleep"
        require(asleep, said)


def swap_and_back(stage: Stage, door: Door, active: SlotName, key: str) -> None:
    """Each way changes weights alone and loses no request."""
    clip = calls.answered(door, "/tts/generate", {"text": "Good morning."}, key, active)["audio"]
    for command, source in (("swap", active), ("rollback", other(active))):
        with stage.report.step(f"{command}; cdk diff: listener weights only"):
            stage.operate(command)
            found = changes(stage)
            rules = [one for one in found if one.kind == RULE]
            rest = [one.path for one in found if one not in rules]
            in_place = all(not one.replaced and one.properties == {"Actions"} for one in rules)
            require(len(rules) == 2 * len(SERVERS) and in_place, f"The diff shows {found}.")
            require(rest == ["ActiveSlot"], f"Beside the weights it changes {rest}.")
        with stage.report.step(f"{command}: deploy while {CLIENTS} clients send"):
            _move(stage, Traffic(stage.emulator, door.host, key, clip), source)
            inventory.check_rules(stage, other(source))


def guard(stage: Stage, active: SlotName) -> None:
    """A change of the live slot is refused, whatever it is."""
    kept = stage.release_file.read_text(encoding="utf-8")
    for what, change, changed in LIVE_CHANGES:
        with stage.report.step(f"{what} of the live slot is refused"):
            release = yaml.safe_load(kept)
            release[ENVIRONMENT]["slots"][active].update(change)
            stage.release_file.write_text(yaml.safe_dump(release), encoding="utf-8")
            said = stage.refusal("deploy", "--yes")
            named = f"{active} answers callers" in said and changed in said
            require(named, f"It says: {said[-400:]}")
    stage.release_file.write_text(kept, encoding="utf-8")


def _move(stage: Stage, clients: Traffic, source: SlotName) -> None:
    """No request fails, and after the deploy none goes where they went before."""
    with clients as traffic:
        _answers(stage, traffic, 1)
        stage.operate("deploy", "--yes")
        during = traffic.slots()
        # The one that each had under way when the deploy ended, then one of every kind.
        _answers(stage, traffic, 1)
        traffic.slots()
        _answers(stage, traffic, len(KINDS))
        after = traffic.slots()
    good, failed = traffic.answers.total(), len(traffic.failures)
    stage.report.note(
        f"{good} answers, {failed} failed; until the deploy ended {dict(during)}, "
        f"then {dict(after)}"
    )
    require(not failed, f"{failed} requests failed: {traffic.failures[:5]}.")
    require(during[source] > 0, f"{source} answered nobody before the deploy.")
    require(set(after) == {other(source)}, f"After the deploy {dict(after)} answer.")


def _answers(stage: Stage, traffic: Traffic, count: int) -> None:
    """Wait until each client has had so many more, or a request failed."""
    seen = traffic.answers.copy()

    def had() -> bool:
        return all(traffic.answers[one] >= seen[one] + count for one in range(CLIENTS))

    stage.until(
        lambda: bool(traffic.failures) or had(), PATIENCE_SECONDS, "A client gets no answers."
    )
