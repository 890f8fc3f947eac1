"""What keeps a GPU on, and what ends it when nothing does."""

from __future__ import annotations

import time

from config.release import SlotName
from tests.emulator.door import Door
from tests.emulator.run import power
from tests.emulator.run.report import require
from tests.emulator.run.stage import Stage
from tests.emulator.run.traffic import Traffic

IDLE_SECONDS = 15.0
IDLE_MINUTES = IDLE_SECONDS / 60
# What was reported longer ago than this counts as missing; CloudWatch's minutes come on top.
STALE_SECONDS = 20.0
STALE_MINUTES = STALE_SECONDS / 60
PATIENCE_SECONDS = 150


def busy(stage: Stage, slot: SlotName, traffic: Traffic) -> str:
    """For longer than the idle limit it is at work, and stays. Gives a note."""
    looks = 0
    with traffic as clients:
        end = time.monotonic() + 2 * IDLE_SECONDS
        while time.monotonic() < end:
            said = power.reasons(stage, slot)
            looks += 1
            require(power.counts(stage, slot) == power.ON, f"It was stopped at work: {said}")
    require(not clients.failures, f"Calls failed meanwhile: {clients.failures[:3]}")
    return f"{looks} looks, {clients.answers.total()} answers, 0 failed"


def unheard(stage: Stage, slot: SlotName) -> str:
    """Idle for longer than the limit, and its metrics are missing: it stays. Gives the reason."""
    service = stage.outputs()[f"{slot.capitalize()}Service"]
    stage.host.mute(service)
    said = _settled(stage, slot, "Nothing fresh is known")
    stage.host.unmute(service)
    return said


def held(stage: Stage, door: Door, key: str, slot: SlotName) -> str:
    """Idle and heard, and somebody has a lease: it stays. Gives the reason."""
    mine = power.lease(door, key, 5, "a demo")
    listed = door.get("/power/lease", X_API_Key=key).json()["leases"]
    require([one["id"] for one in listed] == [mine], f"The leases are {listed}.")
    said = _settled(stage, slot, "holds it")
    power.release(door, key, mine)
    return said


def idle(stage: Stage, slot: SlotName) -> str:
    """Nobody needs it: drained and scaled to 0 by alarm or sweep, without a word from here. Gives
    a note."""
    began = time.monotonic()
    stage.until(lambda: power.rests(stage, slot), power.STOP_SECONDS, f"{slot} is left on.")
    return f"off after {time.monotonic() - began:.0f} s"


def capped(stage: Stage, door: Door, key: str, slot: SlotName) -> str:
    """A lease and all: the hard cap ends it. Gives the reason."""
    mine = power.lease(door, key, 30, "for ever")
    before = {"hard_cap_hours": 12.0, "drain_minutes": 1.0}
    power.limits(stage, hard_cap_hours=0.001, drain_minutes=0.05)
    stage.until(lambda: power.counts(stage, slot) == power.OFF, power.STOP_SECONDS, "It stays on.")
    stage.until(lambda: power.rests(stage, slot), power.STOP_SECONDS, "Its instance stays.")
    power.limits(stage, **before)
    stop = power.status(door, key)["slots"][slot]["stop"]
    require(stop["kind"] == "cap", f"It was stopped by {stop}.")
    power.look(stage)
    require(power.counts(stage, slot) == power.OFF, "The lease of before started it again.")
    power.release(door, key, mine)
    return str(stop["reason"])


def _settled(stage: Stage, slot: SlotName, reason: str) -> str:
    """Beyond the idle limit, the controller says why it stays, and it does. Gives that reason."""
    began = time.monotonic()
    while True:
        said = power.reasons(stage, slot)
        require(power.counts(stage, slot) == power.ON, f"It was stopped: {said}")
        waited = time.monotonic() - began
        if reason in said and waited > 2 * IDLE_SECONDS:
            return said
        require(waited < PATIENCE_SECONDS, f"It stays for another reason: {said}")
