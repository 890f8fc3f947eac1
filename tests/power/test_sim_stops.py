"""Stops that the simulator found to be wrong once, each at its exact moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from bench.power.clockwork import HOUR, MINUTE
from bench.power.journal import Silent
from bench.power.machines import Server
from bench.power.mutants import Mutant, Ports
from bench.power.ports import SimCloud, SimServers
from bench.power.rates import REALISTIC
from bench.power.settings import usual
from bench.power.site import Site
from bench.power.wire import Wire
from bench.power.world import FIRST_DAY, World
from power.ports import ActivityNow, SleepRule

NEVER = 1e-12
CALM = replace(
    REALISTIC, crash=0, stall=0, unreachable=0, unreachable_done=0, sweep_lost=0, sweep_late=0,
    doubled=0, alarm_late=0, alarm_doubled=0, line_lost=0, line_late=0, dark_per_hour=NEVER,
    no_capacity=0, pull_fails=0, server_dies_per_hour=NEVER, machine_dies_per_hour=NEVER,
    unreachable_per_hour=NEVER, swap_at_stop=0, calls_at_stop=0,
)  # fmt: skip


def nothing() -> None:
    return


def awake(mutant: Mutant) -> World:
    """Blue is on, and its one request is done."""
    world = World(usual(), CALM, mutant, "stops", Silent(), FIRST_DAY)
    world.invocations.tell({"source": "deployment"}, 1)
    world.clock.wait(MINUTE)
    world.callers.call("tts", 20, nothing)
    world.clock.wait(15 * MINUTE)
    assert phase(world) == "on"
    assert world.tally.requests == 1
    return world


def phase(world: World) -> str:
    return world.site.table.read().records["blue"].phase


@dataclass
class Crash(Mutant):
    """The first invocation that would lower the counts ends there."""

    left: int = 1

    def ports(self, site: Site, wire: Wire, dice: Random) -> Ports:
        ports = super().ports(site, wire, dice)
        ports.cloud = _CrashingCloud(site, wire, self)
        return ports


class _CrashingCloud(SimCloud):
    def __init__(self, site: Site, wire: Wire, crash: Crash) -> None:
        super().__init__(site, wire)
        self._crash = crash

    def turn_off(self, slot: str) -> None:
        if self._crash.left:
            self._crash.left -= 1
            self._wire.die()
        super().turn_off(slot)


def crashed_stop() -> World:
    world = awake(Crash())
    while phase(world) == "on":
        world.clock.wait(1)
    assert phase(world) == "leaving"
    assert world.site.slots["blue"].group == 1
    return world


def test_a_stop_that_crashed_is_finished_by_the_sweep() -> None:
    world = crashed_stop()
    world.clock.wait(6 * MINUTE)
    assert phase(world) == "off"
    assert world.tally.stops == {"idle": 1}


def test_a_stop_that_crashed_is_taken_back_for_callers_who_found_a_way_in() -> None:
    world = crashed_stop()
    # As a swap in these minutes, or a person, lets them in.
    world.site.balancer.drop(SleepRule("live"))
    # The drain lease ends after two minutes; the crashed look's lock holds for half a minute more.
    world.clock.wait(125)
    world.callers.call("tts", 400, nothing)
    assert world.tally.requests == 2
    world.clock.wait(5 * MINUTE)
    assert phase(world) == "on"
    world.clock.wait(HOUR)
    assert phase(world) == "off"
    assert not world.tally.killed
    assert not world.tally.faults


class ShortVisit(Mutant):
    """Somebody comes and goes right after the servers have said for the first time how it is."""

    visits = 1

    def ports(self, site: Site, wire: Wire, dice: Random) -> Ports:
        ports = super().ports(site, wire, dice)
        ports.servers = _Visited(site, wire, dice, self)
        return ports


class _Visited(SimServers):
    def __init__(self, site: Site, wire: Wire, dice: Random, mutant: ShortVisit) -> None:
        super().__init__(site, wire, dice)
        self._mutant = mutant

    def activity(self, slot: str) -> dict[str, ActivityNow]:
        found = super().activity(slot)
        rested = all(one.seconds_since_last_request >= 15 * MINUTE for one in found.values())
        if rested and self._mutant.visits:
            self._mutant.visits -= 1
            for machine in self._site.slots[slot].members:
                visit(machine.servers["tts"], self._site.clock.now)
        return found


class _Visitor:
    def ended(self, why: str) -> None:
        raise AssertionError(why)


def visit(server: Server, now: float) -> None:
    visitor = _Visitor()
    assert server.begin(visitor, now) == "taken"
    server.end(visitor, now)


def test_a_short_request_between_the_question_and_the_lease_keeps_it_on() -> None:
    mutant = ShortVisit()
    world = awake(mutant)
    while mutant.visits:
        world.clock.wait(1)
    visited = world.clock.now
    world.clock.wait(10)
    assert phase(world) == "on"
    while phase(world) == "on":
        world.clock.wait(10)
    assert world.clock.now - visited >= 15 * MINUTE
    assert not world.tally.faults
