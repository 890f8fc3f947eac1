"""An upgrade of the idle slot, a swap, the way back, and what the guard refuses."""

from __future__ import annotations

import yaml

from config.release import SlotName, other
from stacks.names import SERVERS, SLOT_HEADER
from tests.emulator.door import Door
from tests.emulator.run import power
from tests.emulator.run.changes import changes
from tests.emulator.run.report import require
from tests.emulator.run.stage import ENVIRONMENT, Stage
from tests.emulator.run.traffic import CLIENTS, Traffic

RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
TAG = "emulated-2"
STAGED = {SLOT_HEADER.replace("-", "_"): "idle"}
PATIENCE_SECONDS = 60


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
    with stage.report.step(f"a swap to {idle}, which does not run, is refused"):
        stage.operate("swap")
        said = stage.refusal("deploy", "--yes")
        require(f"sent to {idle}, which is not ready" in said, f"It says: {said[-400:]}")
        stage.operate("rollback")
    with stage.report.step(f"start {idle} and reach it under the staging header"):
        power.start(stage, idle)
        for server in SERVERS:
            health = door.get(f"/{server}/health", **STAGED).json()
            came = (health["slot"], health["release"])
            require(came == (idle, TAG), f"{server} is {came}.")
        body = {"text": "Good morning."}
        refused = door.post("/tts/generate", body, **STAGED).status_code
        require(refused == 401, f"The staging header without a key: {refused}.")
        reached = door.post("/tts/generate", body, X_API_Key=key, **STAGED)
        require(reached.headers.get(SLOT_HEADER) == idle, "The header leads elsewhere.")


def swap_and_back(stage: Stage, host: str, active: SlotName, key: str) -> None:
    """Each way changes weights alone and loses no request."""
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
            _move(stage, host, source, key)


def guard(stage: Stage, active: SlotName) -> None:
    with stage.report.step("a change of the live slot is refused"):
        kept = stage.release_file.read_text(encoding="utf-8")
        changed = yaml.safe_load(kept)
        changed[ENVIRONMENT]["slots"][active]["tag"] = "another"
        stage.release_file.write_text(yaml.safe_dump(changed), encoding="utf-8")
        said = stage.refusal("deploy", "--yes")
        stage.release_file.write_text(kept, encoding="utf-8")
        require("Refused" in said and active in said, f"It says: {said[-400:]}")


def _move(stage: Stage, host: str, source: SlotName, key: str) -> None:
    """No request fails, and after the deploy none goes where they went before."""
    with Traffic(stage.emulator, host, key) as traffic:
        _answers(stage, traffic, CLIENTS)
        stage.operate("deploy", "--yes")
        during = traffic.slots()
        # Those under way when the deploy ended, then a fresh look.
        _answers(stage, traffic, 2 * CLIENTS)
        traffic.slots()
        _answers(stage, traffic, 4 * CLIENTS)
        after = traffic.slots()
    failed = len(traffic.failures)
    stage.report.note(
        f"{traffic.answers} answers, {failed} failed; until the deploy ended {dict(during)}, "
        f"then {dict(after)}"
    )
    require(not traffic.failures, f"{failed} requests failed: {traffic.failures[:5]}.")
    require(during[source] > 0, f"{source} answered nobody before the deploy.")
    require(set(after) == {other(source)}, f"After the deploy {dict(after)} answer.")


def _answers(stage: Stage, traffic: Traffic, count: int) -> None:
    """Wait for so many more."""
    seen = traffic.answers
    stage.until(
        lambda: traffic.answers >= seen + count, PATIENCE_SECONDS, "The clients get no answers."
    )
