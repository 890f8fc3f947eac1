"""Stops that meet something: callers at work, a start at the same time, the end of the function."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from config.release import SlotName
from stacks.names import SERVERS
from tests.emulator.door import Door
from tests.emulator.run import power
from tests.emulator.run.report import StepFailed, require
from tests.emulator.run.stage import Stage

CLIENTS = 8
RACE_SECONDS = 180
# Between two waves of calls everybody rests: a stop can get in.
REST_SECONDS = 1.5
LOCK_SECONDS = 150
DRAIN_SECONDS = 90
ATTEMPTS = 3
AGAIN = (429, 503)


class Callers:
    """Clients that send in waves and come back when they are told to; they note what they lost."""

    def __init__(self, door: Door, key: str) -> None:
        self._door, self._key = door, key
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._send) for _ in range(CLIENTS)]
        self.good = self.refused = 0
        self.lost: list[str] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Callers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *of: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        while not self._stop.wait(REST_SECONDS):
            try:
                body = {"text": "Yes, please."}
                answer = self._door.post("/tts/generate", body, X_API_Key=self._key)
                good = answer.status_code == 200 and answer.json().get("success") is True
                told = answer.status_code in AGAIN and "Retry-After" in answer.headers
                said = f"{answer.status_code} {answer.text.strip()[:100]}"
            except Exception as error:
                good, told, said = False, False, f"{type(error).__name__}: {error}"
            with self._lock:
                self.good += good
                self.refused += told
                if not good and not told:
                    self.lost.append(said)


def raced(stage: Stage, door: Door, key: str, slot: SlotName) -> str:
    """Stops among eight clients at work: no call is lost, and they are served again afterwards.
    Gives a note."""
    first = power.instances(stage, slot)
    with Callers(door, key) as callers:
        end = time.monotonic() + RACE_SECONDS
        while power.instances(stage, slot) == first:
            require(time.monotonic() < end, "The stop never got in, so nothing was raced.")
            door.post("/power/stop", {"slot": slot}, X_API_Key=key)
            power.look(stage)
        stage.until(
            lambda: power.open_to_callers(stage, slot), power.START_SECONDS, "Nobody is served."
        )
        before = callers.good
        stage.until(lambda: callers.good > before + CLIENTS, 60, "Nobody is served again.")
    require(not callers.lost, f"{len(callers.lost)} calls were lost: {callers.lost[:3]}")
    return f"{callers.good} served, {callers.refused} told to come back, 0 lost"


def met_by_a_start(stage: Stage, door: Door, key: str, slot: SlotName) -> None:
    """A stop is under way when somebody asks for a start: it is on in the end."""
    with _stopping(stage, door, key, slot):
        asked = door.post("/power/start", {"slot": slot}, X_API_Key=key)
    require(asked.status_code in (200, 202), f"The start: {asked.status_code} {asked.text[:200]}")

    def settled() -> bool:
        state = power.status(door, key)["slots"][slot]["state"]
        return state == "on" and power.open_to_callers(stage, slot)

    stage.until(settled, power.START_SECONDS, "The start was lost.")
    power.look(stage)
    require(power.counts(stage, slot) == power.ON, "The stop won in the end.")


def broken_off(stage: Stage, door: Door, key: str, slot: SlotName) -> str:
    """The function is killed between the drain and the counts: nothing is half off. Gives a
    note."""
    for attempt in range(1, ATTEMPTS + 1):
        power.start(stage, door, key, slot)
        with _stopping(stage, door, key, slot):
            killed = stage.emulator.kill_function(power.NAMES.controller)
        require(killed, "There was no function to kill.")
        if power.counts(stage, slot) == power.ON:
            return f"killed with a drained server and the counts at {power.ON}, attempt {attempt}"
        # It had lowered them in the milliseconds between: what is left is an ordinary stop.
        recovered(stage, slot)
    raise StepFailed(f"{ATTEMPTS} times the counts were lowered before it could be killed.")


def recovered(stage: Stage, slot: SlotName) -> None:
    """The lock and the leases end by themselves, and a later look finishes what was begun."""
    seconds = LOCK_SECONDS + power.STOP_SECONDS
    stage.until(lambda: power.rests(stage, slot), seconds, "It is neither on nor off.")


@contextmanager
def _stopping(stage: Stage, door: Door, key: str, slot: SlotName) -> Iterator[None]:
    """Somebody asks for a stop; inside, a server of its task holds a drain lease, and the counts
    follow within a second."""
    task = stage.host.task(stage.outputs()[f"{slot.capitalize()}Service"])
    if task is None:
        raise StepFailed(f"{slot} has no task to drain.")
    ports = [task.ports[port] for port in SERVERS.values()]
    asking = threading.Thread(
        target=door.post,
        args=("/power/stop", {"slot": slot}),
        kwargs={"X_API_Key": key},
    )
    asking.start()
    try:
        end = time.monotonic() + DRAIN_SECONDS
        while not any(_lease(port) > 0 for port in ports):
            require(time.monotonic() < end, "No stop begins.")
        yield
    finally:
        asking.join()


def _lease(port: int) -> float:
    """What is left of a server's lease, as it tells a caller on its own machine."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/internal/activity", headers={"X-Voice-Internal": "1"})
        return float(json.loads(connection.getresponse().read())["draining_seconds"])
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return 0.0
    finally:
        connection.close()
