"""The steps, in their order: from an empty account to an empty account."""

from __future__ import annotations

from config.release import SLOTS, SlotName, other
from tests.emulator.door import Door
from tests.emulator.run import access, calls, inventory, power, remains, results, slots
from tests.emulator.run.changes import changes
from tests.emulator.run.report import require
from tests.emulator.run.stage import Stage

CALLER, STRANGER = "narrator", "stranger"


def travel(stage: Stage) -> None:
    """Raises StepFailed at the first step that does not show what it must."""
    prepare(stage)
    before = remains.everything(stage.emulator)
    deploy(stage)
    active = stage.active()
    host = stage.outputs()["LoadBalancerDns"]
    with Door(stage.emulator, host) as door:
        key = serve(stage, door, active)
        slots.upgrade(stage, door, other(active), key)
        slots.swap_and_back(stage, door, active, key)
        slots.guard(stage, active)
        with stage.report.step("rotate the service key"):
            stage.report.note(access.rotate_service_key(stage, door))
        with stage.report.step("end a key"):
            access.revoke(stage, door, CALLER, key)
    destroy(stage, before)


def prepare(stage: Stage) -> None:
    with stage.report.step("cdk bootstrap"):
        stage.operate("bootstrap")


def deploy(stage: Stage) -> None:
    step = stage.report.step
    with step("first deploy of all stacks"):
        stage.operate("deploy", "--yes")
        require(stage.record_file.exists(), "There is no record of what is live.")
    with step("what exists"):
        stage.report.note(inventory.check(stage))
    with step("cdk diff after the deploy: no difference"):
        found = changes(stage)
        require(not found, f"A second deploy would change {found}.")


def serve(stage: Stage, door: Door, active: SlotName) -> str:
    """The live slot works for whoever has a key; gives the key."""
    step = stage.report.step
    with step("make two keys"):
        key, stranger = access.mint(stage, CALLER), access.mint(stage, STRANGER)
    with step(f"start {active}: instance, task, both servers ready"):
        power.start(stage, active)
    with step("speak, transcribe and align through the front door"):
        stage.report.note(calls.speak_hear_align(door, key, active))
    with step("store results in the bucket and fetch them by link"):
        ids = results.store_and_fetch(stage, door, key, active)
    with step("sign them again: the key that they belong to, and no other"):
        signed = results.sign_again(stage, door, ids, key=key, stranger=stranger, slot=active)
        stage.report.note(signed)
    with step("no key: 401; unknown path: JSON 404; plain HTTP: redirect"):
        calls.refusals(door)
    with step("the container's own health check"):
        task = stage.host.task(stage.outputs()[f"{active.capitalize()}Service"])
        require(task is not None and task.healthy(), "The container says it is not healthy.")
    return key


def destroy(stage: Stage, before: dict[str, set[str]]) -> None:
    step = stage.report.step
    with step("stop both slots"):
        for slot in SLOTS:
            power.stop(stage, slot)
    with step("destroy all stacks, results too; nothing left but what is kept on purpose"):
        kept = remains.retained(stage.emulator)
        stage.operate("destroy", "--yes")
        require(not stage.record_file.exists(), "The record of what is live is left.")
        stage.report.note(remains.nothing_left(stage.emulator, before, kept))
