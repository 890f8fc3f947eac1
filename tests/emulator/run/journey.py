"""The steps, in their order: from an empty account to an empty account."""

from __future__ import annotations

from config.release import SLOTS, SlotName, other
from tests.emulator.door import Door
from tests.emulator.run import (
    access,
    calls,
    client,
    commands,
    holding,
    inventory,
    jobs,
    power,
    remains,
    results,
    sleeping,
    slots,
    stopping,
)
from tests.emulator.run.changes import changes
from tests.emulator.run.report import require
from tests.emulator.run.stage import Stage
from tests.emulator.run.traffic import Traffic

CALLER, STRANGER = "narrator", "stranger"


def travel(stage: Stage) -> None:
    """Raises StepFailed at the first step that does not show what it must."""
    prepare(stage)
    before = remains.everything(stage.emulator)
    deploy(stage)
    active = stage.active()
    host = stage.outputs()["LoadBalancerDns"]
    with Door(stage.emulator, host) as door:
        with stage.report.step("make two keys"):
            key, stranger = access.mint(stage, CALLER), access.mint(stage, STRANGER)
        wake(stage, door, key, active)
        lease = power.lease(door, key, 60, "nobody stops it meanwhile")
        serve(stage, door, key, stranger, active)
        slots.upgrade(stage, door, other(active), key)
        slots.swap_and_back(stage, door, active, key)
        with stage.report.step("rotate the service key"):
            stage.report.note(access.rotate_service_key(stage, door))
        power.release(door, key, lease)
        hold(stage, door, key, active)
        race(stage, door, key, active)
        team(stage, key, active)
        with stage.report.step("end a key"):
            access.revoke(stage, door, CALLER, key)
        with stage.report.step("gpuvoice down: off, and it says so"):
            commands.down(stage, commands.Client(stage, stranger), active)
        with stage.report.step("stop both slots"):
            for slot in SLOTS:
                power.stop(stage, door, stranger, slot)
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


def wake(stage: Stage, door: Door, key: str, active: SlotName) -> None:
    """From asleep to served, as today's scripts meet it."""
    step = stage.report.step
    with step("asleep: everybody is answered, and nobody without a key wakes it"):
        sleeping.told(stage, door, active)
    with step("asleep: 1.1 MB are answered by the load balancer, 413"):
        sleeping.too_large(stage, door, key)
    with step("asleep: a script with axios fails at once with the sentence, and wakes it"):
        until = sleeping.woken_by_a_script(stage, door, key, active)
    with step("the start, stage by stage, in /power/status"):
        stage.report.note(sleeping.shown(stage, door, key, active))
    with step("the script again after the time it was told: real audio"):
        stage.report.note(sleeping.served_after_that(stage, door, key, until))


def serve(stage: Stage, door: Door, key: str, stranger: str, active: SlotName) -> None:
    """The live slot works for whoever has a key."""
    step = stage.report.step
    with step("speak, transcribe and align through the front door"):
        stage.report.note(calls.speak_hear_align(door, key, active))
    with step("store results in the bucket and fetch them by link"):
        ids = results.store_and_fetch(stage, door, key, active)
    with step("sign them again: the key that they belong to, and no other"):
        signed = results.sign_again(stage, door, ids, key=key, stranger=stranger, slot=active)
        stage.report.note(signed)
    with step("narrate: both servers of the machine for one call"):
        stage.report.note(jobs.narrated(door, key, active))
    with step("a job whose task is stopped in the middle"):
        stage.report.note(jobs.outlives_its_task(stage, door, active, key=key, stranger=stranger))
    with step("no key: 401; unknown path: JSON 404; plain HTTP: redirect"):
        calls.refusals(door)
    with step("the container's own health check"):
        task = stage.host.task(stage.outputs()[f"{active.capitalize()}Service"])
        require(task is not None and task.healthy(), "The container says it is not healthy.")


def hold(stage: Stage, door: Door, key: str, active: SlotName) -> None:
    """What keeps it on, and that nothing else does. Minutes are seconds here."""
    step = stage.report.step
    clip = calls.answered(door, "/tts/generate", {"text": "Good morning."}, key, active)["audio"]
    power.limits(stage, idle_minutes=holding.IDLE_MINUTES, stale_minutes=holding.STALE_MINUTES)
    with step("busy beyond the idle limit: it stays"):
        traffic = Traffic(stage.emulator, door.host, key, clip)
        stage.report.note(holding.busy(stage, active, traffic))
    with step("idle, and its metrics are missing: it stays"):
        stage.report.note(holding.unheard(stage, active))
    with step("idle, and somebody has a lease: it stays"):
        stage.report.note(holding.held(stage, door, key, active))
    with step("idle: drained and scaled to 0, by itself"):
        stage.report.note(holding.idle(stage, active))
    power.limits(stage, idle_minutes=30.0, stale_minutes=5.0)


def race(stage: Stage, door: Door, key: str, active: SlotName) -> None:
    """Stops and starts that meet each other, work, and a crash."""
    step = stage.report.step
    with step(f"{sleeping.CALLERS} callers at once start one instance"):
        sleeping.many_at_once(stage, door, key, active)
    with step(f"a stop among {stopping.CLIENTS} clients loses nothing"):
        stage.report.note(stopping.raced(stage, door, key, active))
    with step("a start during a stop: on in the end"):
        stopping.met_by_a_start(stage, door, key, active)
    with step("the hard cap ends it, lease and all"):
        stage.report.note(holding.capped(stage, door, key, active))
    with step("asleep: a swap and the way back leave the controller's rules as they are"):
        slots.swap_asleep(stage, door, active)
    with step("the function is killed in the middle of a stop"):
        stage.report.note(stopping.broken_off(stage, door, key, active))
    slots.guard(stage, active)
    with step("what the killed function left is finished: drained and scaled to 0"):
        stopping.recovered(stage, active)


def team(stage: Stage, key: str, active: SlotName) -> None:
    """The team's own code and the client, from asleep on: what fails there without the proxy, for
    which see `wake`, succeeds with it."""
    step = stage.report.step
    with step("asleep: a script and a page of another origin through gpuvoice proxy: real audio"):
        stage.report.note(client.wake(stage, key, active))
    own = commands.Client(stage, key)
    with step("gpuvoice status and lease"):
        stage.report.note(commands.look(own, active))
    with step("gpuvoice doctor and cost"):
        stage.report.note(commands.examine(stage, own, active))


def destroy(stage: Stage, before: dict[str, set[str]]) -> None:
    """With the controller's rules in place, as always."""
    with stage.report.step("destroy all stacks, results too; nothing left but what is kept"):
        kept = remains.retained(stage.emulator)
        stage.operate("destroy", "--yes")
        require(not stage.record_file.exists(), "The record of what is live is left.")
        stage.report.note(remains.nothing_left(stage.emulator, before, kept))
