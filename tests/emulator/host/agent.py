"""The container host: every instance of every group, as processes of this machine."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.emulator.emulator import Emulator
from tests.emulator.host.cloud import Cloud
from tests.emulator.host.credentials import CredentialsEndpoint
from tests.emulator.host.machine import Delays, Machine, Placed
from tests.emulator.host.task import Task

PERIOD_SECONDS = 0.5
NOTICE_SECONDS = 120


class ContainerHost:
    """Looks and acts on a thread of its own while its context lasts. As on AWS, a task is taken
    out of its target groups before it is told to stop, and comes in when it is ready; when its
    instance ends, it ends at once."""

    def __init__(self, emulator: Emulator, folder: Path, say: Callable[[str], None]) -> None:
        self._emulator, self._folder, self._say = emulator, folder, say
        self._cloud = Cloud(emulator)
        self._credentials = CredentialsEndpoint(emulator.client("sts"))
        self._machines: dict[str, Machine] = {}
        self._muted: set[str] = set()
        self._numbers = itertools.count(1)
        self.delays = Delays()
        self.looks = 0
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="container-host")

    def __enter__(self) -> ContainerHost:
        self._credentials.__enter__()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._credentials.__exit__(kind, error, trace)

    def serving(self, service: str) -> bool:
        """Whether its task is ready and in all its target groups."""
        placed = self._placed(service)
        return placed is not None and bool(placed.registered) and not placed.waiting

    def idle(self, service: str) -> bool:
        return self._placed(service) is None

    def task(self, service: str) -> Task | None:
        placed = self._placed(service)
        return placed.process if placed else None

    def instance(self, service: str) -> str | None:
        """The id of the instance that its task is on."""
        machine = self._machine(service)
        return machine.found.identity if machine else None

    def session_end(self, access_key: str) -> datetime | None:
        """When a session of a task's role ends; None when no task was given this key."""
        return self._credentials.ends.get(access_key)

    def mute(self, service: str) -> None:
        """From now on what it measures does not reach CloudWatch."""
        self._muted.add(service)

    def unmute(self, service: str) -> None:
        self._muted.discard(service)

    def carried(self, service: str) -> int:
        """How many lines of metrics its task's log has given CloudWatch."""
        placed = self._placed(service)
        return placed.metrics.carried if placed and placed.metrics else 0

    def interrupt(self, service: str, seconds: float = NOTICE_SECONDS) -> str:
        """EC2 wants the instance back that the service's task is on: a notice on the event bus
        now, the end so many seconds later. Gives the instance's id."""
        with self._lock:
            machine = self._machine(service)
            if machine is None:
                raise LookupError(f"No task of {service} runs on an instance.")
            machine.notice(seconds)
            return machine.found.identity

    def _run(self) -> None:
        try:
            while not self._stop.wait(PERIOD_SECONDS):
                try:
                    with self._lock:
                        self._look()
                    self.looks += 1
                except (BotoCoreError, ClientError) as error:
                    self._say(f"container host: {error}")
        finally:
            for machine in self._machines.values():
                try:
                    machine.shut_down()
                except (BotoCoreError, ClientError) as error:
                    self._say(f"container host: a target stays behind: {error}")

    def _look(self) -> None:
        for found in self._cloud.instances():
            if found.identity not in self._machines:
                self._machines[found.identity] = Machine(
                    found, self._cloud, self.delays, self._place, self._say
                )
        running = self._cloud.running(self._machines)
        for identity, machine in list(self._machines.items()):
            cut = machine.cut_at is not None and time.monotonic() >= machine.cut_at
            if identity not in running or cut:
                machine.gone("EC2 took its instance" if cut else "its instance was terminated")
                del self._machines[identity]
                if cut and identity in running:
                    self._cloud.terminate(identity)
                continue
            for placed in machine.placed.values():
                if placed.metrics is not None:
                    placed.metrics.muted = placed.service in self._muted
            machine.look()

    def _place(self, definition: Mapping[str, Any]) -> Task:
        name = f"task-{next(self._numbers)}"
        surroundings = {
            **self._emulator.for_containers(),
            **self._credentials.environment(name, definition["taskRoleArn"]),
        }
        return Task(definition, self._folder / name, surroundings)

    def _machine(self, service: str) -> Machine | None:
        for machine in tuple(self._machines.values()):
            if any(one.service == service for one in tuple(machine.placed.values())):
                return machine
        return None

    def _placed(self, service: str) -> Placed | None:
        machine = self._machine(service)
        if machine is None:
            return None
        placed = tuple(machine.placed.values())
        return next((one for one in placed if one.service == service), None)
