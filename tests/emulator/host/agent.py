"""The container host: keeps one task running for each service that wants one."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType

from botocore.exceptions import BotoCoreError, ClientError

from tests.emulator.emulator import Emulator
from tests.emulator.host.credentials import CredentialsEndpoint
from tests.emulator.host.task import Target, Task, TaskRefused
from tests.emulator.host.wishes import Wish, Wishes

PERIOD_SECONDS = 0.5


@dataclass(slots=True)
class Placed:
    """A task, the targets that wait until it is ready, and those that get requests."""

    task: Task
    waiting: list[Target]
    registered: list[Target] = field(default_factory=list)


class ContainerHost:
    """Looks and acts on a thread of its own while its context lasts. As on AWS, a task is taken
    out of its target groups before it is told to stop, and comes in when it is ready."""

    def __init__(self, emulator: Emulator, folder: Path, say: Callable[[str], None]) -> None:
        self._emulator, self._folder, self._say = emulator, folder, say
        self._wishes = Wishes(emulator)
        self._elb = emulator.client("elbv2")
        self._credentials = CredentialsEndpoint(emulator.client("sts"))
        self._placed: dict[str, Placed] = {}
        self._numbers = itertools.count(1)
        self.looks = 0
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
        placed = self._placed.get(service)
        return placed is not None and bool(placed.registered) and not placed.waiting

    def idle(self, service: str) -> bool:
        return service not in self._placed

    def task(self, service: str) -> Task | None:
        placed = self._placed.get(service)
        return placed.task if placed else None

    def session_end(self, access_key: str) -> datetime | None:
        """When a session of a task's role ends; None when no task was given this key."""
        return self._credentials.ends.get(access_key)

    def _run(self) -> None:
        try:
            while not self._stop.wait(PERIOD_SECONDS):
                try:
                    self._look()
                    self.looks += 1
                except (BotoCoreError, ClientError) as error:
                    self._say(f"container host: {error}")
        finally:
            for service in list(self._placed):
                self._remove(service, "the host ends")

    def _look(self) -> None:
        wishes = {wish.service: wish for wish in self._wishes.read()}
        for service, placed in list(self._placed.items()):
            wish = wishes.get(service)
            if wish is None or not wish.wanted:
                self._remove(service, "it is not wanted any more")
            elif wish.definition != placed.task.definition_arn:
                self._remove(service, "another task definition takes its place")
            elif not placed.task.running():
                self._say(f"container host: the task of {service} ended by itself:")
                self._say(placed.task.log_end())
                self._remove(service, "it ended")
        for wish in wishes.values():
            if wish.wanted and wish.service not in self._placed:
                self._place(wish)
        for service, placed in self._placed.items():
            self._admit(service, placed)

    def _place(self, wish: Wish) -> None:
        definition = self._wishes.definition(wish.definition)
        name = f"task-{next(self._numbers)}"
        surroundings = {
            **self._emulator.for_containers(),
            **self._credentials.environment(name, definition["taskRoleArn"]),
        }
        try:
            task = Task(definition, self._folder / name, surroundings)
        except TaskRefused as refused:
            self._say(f"container host: {refused}")
            return
        targets = [
            Target(group, task.ports[inner], self._wishes.health_path(group))
            for group, inner in wish.groups.items()
        ]
        self._placed[wish.service] = Placed(task, targets)
        image = task.image.rpartition("/")[2]
        self._say(f"container host: {name} of {wish.service} starts, image {image}")

    def _admit(self, service: str, placed: Placed) -> None:
        for target in [one for one in placed.waiting if placed.task.ready(one)]:
            self._elb.register_targets(TargetGroupArn=target.group, Targets=[_api(target)])
            placed.waiting.remove(target)
            placed.registered.append(target)
            if not placed.waiting:
                self._say(f"container host: the task of {service} is ready and gets requests")

    def _remove(self, service: str, reason: str) -> None:
        placed = self._placed.pop(service)
        for target in placed.registered:
            try:
                self._elb.deregister_targets(TargetGroupArn=target.group, Targets=[_api(target)])
            except (BotoCoreError, ClientError) as error:
                self._say(f"container host: a target stays behind: {error}")
        status = placed.task.stop()
        self._say(f"container host: the task of {service} stopped, status {status}: {reason}")


def _api(target: Target) -> dict[str, object]:
    return {"Id": "127.0.0.1", "Port": target.port}
