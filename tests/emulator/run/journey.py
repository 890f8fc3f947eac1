"""The steps, in their order: from an empty account to an empty account."""

from __future__ import annotations

from config.release import SLOTS, SlotName, other
from operate.cdk import TOOLS
from tests.emulator.door import Door
from tests.emulator.environment import ACCOUNT, REGION
from tests.emulator.run import access, calls, inventory, power, slots
from tests.emulator.run.changes import changes
from tests.emulator.run.report import require
from tests.emulator.run.stage import Stage

CALLER = "narrator"


def travel(stage: Stage) -> None:
    """Raises StepFailed at the first step that does not show what it must."""
    deploy(stage)
    active = stage.active()
    host = stage.outputs()["LoadBalancerDns"]
    with Door(stage.emulator, host) as door:
        key = serve(stage, door, active)
        slots.upgrade(stage, door, other(active), key)
        slots.swap_and_back(stage, host, active, key)
        slots.guard(stage, active)
        with stage.report.step("rotate the service key"):
            stage.report.note(access.rotate_service_key(stage, door))
        with stage.report.step("end a key"):
            access.revoke(stage, door, CALLER, key)
    destroy(stage)


def deploy(stage: Stage) -> None:
    step = stage.report.step
    with step("cdk bootstrap"):
        account = f"aws://{ACCOUNT}/{REGION}"
        stage.command([str(TOOLS / "cdk"), "bootstrap", account, "--app", ""])
    with step("first deploy of all stacks"):
        stage.operate("deploy", "--yes")
    with step("what exists"):
        stage.report.note(inventory.check(stage))
    with step("cdk diff after the deploy: no difference"):
        found = changes(stage)
        require(not found, f"A second deploy would change {found}.")


def serve(stage: Stage, door: Door, active: SlotName) -> str:
    """The live slot works for whoever has a key; gives the key."""
    step = stage.report.step
    with step("make a key"):
        key = access.mint(stage, CALLER)
    with step(f"start {active}: instance, task, both servers ready"):
        power.start(stage, active)
    with step("speak, transcribe and align through the front door"):
        stage.report.note(calls.speak_hear_align(door, key, active))
    with step("store results in the bucket and fetch them by link"):
        stage.report.note(calls.stored_and_fetched(stage, door, key, active))
    with step("no key: 401; unknown path: JSON 404; plain HTTP: redirect"):
        calls.refusals(door)
    with step("the container's own health check"):
        task = stage.host.task(stage.outputs()[f"{active.capitalize()}Service"])
        require(task is not None and task.healthy(), "The container says it is not healthy.")
    return key


def destroy(stage: Stage) -> None:
    step = stage.report.step
    with step("stop both slots"):
        for slot in SLOTS:
            power.stop(stage, slot)
    with step("destroy all stacks, results too; nothing left but what is kept on purpose"):
        kept = inventory.retained(stage)
        stage.operate("destroy", "--yes")
        stage.report.note(inventory.nothing_left(stage, kept))
