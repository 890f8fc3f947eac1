"""What the front writes is what the controller reads: both over one table."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from power.look import Controller, Plan
from power.model import Phase
from power.policy import Policy
from tests.power.house import BOB, MINUTE, House
from tests.power.world import World


@dataclass
class Town:
    """One front, one controller, two slots; `look` is a sweep."""

    house: House
    world: World

    def look(self, after_seconds: float = 60) -> Phase:
        """The phase of blue, so much later."""
        self.house.clock.now += after_seconds
        self.world.now = self.house.clock.now
        plan = Plan(
            policy=Policy(),
            prices=dict.fromkeys(self.world.slots, (0.5, 1.0)),
            spot=dict.fromkeys(self.world.slots, False),
            quiet=lambda now: self.world.is_quiet,
        )
        controller = Controller(
            self.world, self.world, self.house.store, plan,
            clock=self.house.clock, journal=self.world,
        )  # fmt: skip
        controller.look()
        return self.house.store.read().records["blue"].phase

    def start(self) -> None:
        """Somebody calls, and it gets warm after four minutes."""
        self.house.call("/tts/generate")
        assert self.look() == "starting"
        self.world.blue.ready = True
        assert self.look(4 * MINUTE) == "on"
        for server in self.world.blue.servers.values():
            server.last_request_at = self.world.now


@pytest.fixture
def town(house: House) -> Town:
    made = Town(house, World())
    assert made.look() == "off"
    return made


def test_a_call_starts_it_and_the_next_calls_are_told_how_it_goes(town: Town) -> None:
    town.start()
    assert town.house.call("/tts/generate").body["state"] == "on"
    body = town.house.call("/power/status", method="GET").body
    assert (body["state"], body["slots"]["blue"]["phase"]) == ("on", "on")
    warm = body["slots"]["blue"]["stages"][-1]
    assert warm["reached_at"] is not None
    # Learned: the start took four minutes, from the look that asked for it.
    assert body["usual_seconds"] == 4 * MINUTE


def test_a_call_without_a_key_starts_nothing(town: Town) -> None:
    town.house.call("/tts/generate", None)
    town.house.call("/tts/health", None, "GET")
    assert town.look() == "off"
    assert town.look() == "off"


def test_a_call_during_a_stop_is_served_by_another_start(town: Town) -> None:
    town.start()
    assert town.look(16 * MINUTE) == "leaving"
    assert town.house.call("/tts/generate").body["state"] == "stopping"
    town.world.blue.instances.clear()
    town.world.blue.ready = False
    assert town.look() == "off"
    assert town.look() == "starting"


def test_a_call_in_the_middle_of_a_stop_takes_it_back(town: Town) -> None:
    town.start()

    def call(name: str) -> None:
        if name == "put_sleep_rule":
            town.house.call("/tts/generate")

    town.world.before = call
    assert town.look(16 * MINUTE) == "on"
    assert (town.world.blue.service, town.world.blue.group) == (1, 1)


def test_a_stop_that_is_asked_for_comes_when_the_work_is_done(town: Town) -> None:
    town.start()
    town.world.blue.servers["tts"].in_flight = 1
    assert town.house.call("/power/stop").status == 202
    assert town.look() == "on"
    town.world.blue.servers["tts"].in_flight = 0
    assert town.look() == "leaving"


def test_a_start_after_a_stop_was_asked_for_undoes_it(town: Town) -> None:
    town.start()
    town.house.call("/power/stop")
    town.house.clock.now += 1
    assert town.house.call("/power/start").status == 200
    assert town.look() == "on"


def test_a_lease_starts_it_in_quiet_hours_and_holds_it(town: Town) -> None:
    town.world.is_quiet = True
    town.house.call("/tts/generate")
    assert town.look() == "off"
    made = town.house.call("/power/lease", BOB, body={"hours": 2, "reason": "demo"})
    assert town.look() == "starting"
    town.world.blue.ready = True
    assert town.look(4 * MINUTE) == "on"
    assert town.look(60 * MINUTE) == "on"
    lease = made.body["lease"]["id"]
    assert town.house.call(f"/power/lease/{lease}", BOB, "DELETE").status == 200
    assert town.look() == "leaving"


def test_force_starts_it_in_quiet_hours(town: Town) -> None:
    town.world.is_quiet = True
    town.house.call("/power/start", body={"force": True})
    assert town.look() == "starting"


def test_the_idle_slot_is_started_and_stopped_alone(town: Town) -> None:
    town.house.call("/tts/generate", X_Voice_Slot="idle")
    assert town.look() == "off"
    records = town.house.store.read().records
    assert (records["blue"].phase, records["green"].phase) == ("off", "starting")
    assert town.house.call("/power/stop", body={"slot": "green"}).status == 202
    town.look()
    assert town.house.store.read().records["green"].phase == "leaving"


def test_a_failed_start_is_told_and_the_next_one_waits(town: Town) -> None:
    town.house.call("/tts/generate")
    assert town.look() == "starting"
    assert town.look(26 * MINUTE) == "leaving"
    town.world.blue.instances.clear()
    assert town.look() == "off"
    body = town.house.call("/tts/generate").body
    assert (body["state"], body["success"]) == ("backoff", False)
    assert "not warm within 25 min" in body["error"]
    assert town.look() == "off"
    assert town.look(15 * MINUTE) == "starting"


def test_what_another_version_wrote_into_the_record_is_survived(town: Town) -> None:
    record = town.house.store.read().records["blue"]
    town.house.store.put_record("blue", replace(record, phase="hibernating"))  # type: ignore[arg-type]
    assert town.look() == "off"
    assert town.house.call("/tts/generate").body["state"] == "asleep"
