"""Wrong controllers, to show that the simulator notices: each breaks one promise of the code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from bench.power.ports import SimCloud, SimServers, SimStore
from bench.power.site import Site
from bench.power.wire import Wire
from power.model import ServerFacts
from power.ports import ActivityNow

LONG = 1e6


class Ports:
    def __init__(self, cloud: SimCloud, servers: SimServers, store: SimStore) -> None:
        self.cloud, self.servers, self.store = cloud, servers, store

    def holds(self) -> bool:
        return self.store.holds


class Mutant:
    """The code as it is."""

    sweeps = True
    # The checks of which at least one has to notice it.
    caught_by: tuple[str, ...] = ()

    def ports(self, site: Site, wire: Wire, dice: Random) -> Ports:
        return Ports(SimCloud(site, wire), SimServers(site, wire, dice), SimStore(site, wire))


class NoDrain(Mutant):
    """Stops without asking the servers."""

    caught_by = ("killed", "premature")

    def ports(self, site: Site, wire: Wire, dice: Random) -> Ports:
        ports = super().ports(site, wire, dice)
        ports.servers = _Yes(site, wire, dice)
        return ports


class MissingMeansIdle(Mutant):
    """Takes a server of which nothing is known for one without work."""

    caught_by = ("killed", "premature")

    def ports(self, site: Site, wire: Wire, dice: Random) -> Ports:
        ports = super().ports(site, wire, dice)
        ports.cloud, ports.servers = _Blind(site, wire), _Hopeful(site, wire, dice)
        return ports


class NoLock(Mutant):
    """Looks while another look is under way."""

    caught_by = ("two looks", "unexplained stop", "killed")

    def ports(self, site: Site, wire: Wire, dice: Random) -> Ports:
        ports = super().ports(site, wire, dice)
        ports.store = _Open(site, wire)
        return ports


class NoSweep(Mutant):
    """Acts when something happens, and never again."""

    sweeps = False
    caught_by = ("left on", "idle overrun", "served", "hard cap")


MUTANTS: Mapping[str, type[Mutant]] = {
    "no-drain": NoDrain,
    "missing-means-idle": MissingMeansIdle,
    "no-lock": NoLock,
    "no-sweep": NoSweep,
}


class _Yes(SimServers):
    def activity(self, slot: str) -> dict[str, ActivityNow]:
        return dict.fromkeys(("tts", "whisperx"), ActivityNow(0, 0, LONG))

    def drain(self, slot: str, seconds: float) -> dict[str, bool]:
        return dict.fromkeys(("tts", "whisperx"), True)


class _Hopeful(SimServers):
    def activity(self, slot: str) -> dict[str, ActivityNow]:
        unknown = dict.fromkeys(("tts", "whisperx"), ActivityNow(0, 0, LONG))
        return unknown | super().activity(slot)

    def drain(self, slot: str, seconds: float) -> dict[str, bool]:
        return dict.fromkeys(("tts", "whisperx"), True) | super().drain(slot, seconds)


class _Blind(SimCloud):
    def metrics(self, slot: str, now: float) -> dict[str, ServerFacts]:
        stale = 60 * self._site.plan.policy.stale_minutes
        found = super().metrics(slot, now)
        return {
            server: facts
            if facts.newest_at is not None and now - facts.newest_at <= stale
            else replace(facts, newest_at=now, last_request_at=now - LONG, in_flight=0)
            for server, facts in found.items()
        }


class _Open(SimStore):
    def lock(self, owner: str, now: float, seconds: float) -> bool:
        super().lock(owner, now, seconds)
        self.holds = True
        return True
