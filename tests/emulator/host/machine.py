"""One instance: its agent joins the cluster, runs what is placed on it and tells how it fares."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.emulator.host.cloud import Cloud, Found
from tests.emulator.host.metrics import Metrics
from tests.emulator.host.task import Target, Task, TaskRefused


@dataclass(slots=True)
class Delays:
    """Seconds that parts of a start take here; on AWS they are minutes. May be changed at any
    time, for what begins after it."""

    boot: float = 0
    pull: float = 0


@dataclass(slots=True)
class Placed:
    """A task of a service on this machine: pulled until `pulled_at`, then a process, a target of
    requests when it is ready."""

    arn: str
    service: str
    pulled_at: float
    pull_began: datetime
    process: Task | None = None
    metrics: Metrics | None = None
    waiting: list[Target] = field(default_factory=list)
    registered: list[Target] = field(default_factory=list)
    stopping: bool = False


class Machine:
    """`place` makes the process of a task."""

    def __init__(
        self,
        found: Found,
        cloud: Cloud,
        delays: Delays,
        place: Callable[[Mapping[str, Any]], Task],
        say: Callable[[str], None],
    ) -> None:
        self.found, self._cloud, self._delays = found, cloud, delays
        self._place, self._say = place, say
        self._joins_at = time.monotonic() + delays.boot
        self._arn = ""
        self.placed: dict[str, Placed] = {}
        # When it is taken away, after a notice.
        self.cut_at: float | None = None

    def look(self) -> None:
        """One round of its agent."""
        if not self._arn:
            if time.monotonic() < self._joins_at:
                return
            self._arn = self._cloud.join(self.found)
        for told in self._cloud.tasks(self.found.cluster, self._arn, self.placed):
            self._follow(told)
        for one in list(self.placed.values()):
            self._tend(one)

    def notice(self, seconds: float) -> None:
        """It learns that it will be taken away; agents that are set to do so begin to drain."""
        self.cut_at = time.monotonic() + seconds
        self._cloud.give_notice(self.found.identity)
        if self._arn and self._cloud.drains_on_notice(self.found.identity):
            self._cloud.drain(self.found, self._arn)

    def gone(self, reason: str) -> None:
        """The machine is off: its processes are gone at once, without a word to anybody."""
        for one in list(self.placed.values()):
            if one.process is not None:
                one.process.kill()
            self._forget(one)
            self._say(f"container host: the task of {one.service} is gone, {reason}")

    def shut_down(self) -> None:
        """The host ends: tasks stop in order."""
        for one in list(self.placed.values()):
            self._leave_groups(one)
            if one.process is not None:
                one.process.stop()
            self._forget(one)

    def _follow(self, told: Mapping[str, Any]) -> None:
        """Begin what is new, and end what is not wanted any more."""
        arn, wanted = told["taskArn"], told["desiredStatus"] == "RUNNING"
        one = self.placed.get(arn)
        if one is None and wanted and told["lastStatus"] == "PENDING":
            now = datetime.now(UTC)
            service = told["group"].partition(":")[2]
            self.placed[arn] = Placed(arn, service, time.monotonic() + self._delays.pull, now)
            self._report(arn, status="PENDING", pullStartedAt=now)
        elif one is not None and not wanted and not one.stopping:
            one.stopping = True
            self._leave_groups(one)
            if one.process is not None:
                one.process.begin_stop()

    def _tend(self, one: Placed) -> None:
        if one.process is None:
            if one.stopping:
                self._end(one, 0, "it was never started")
            elif time.monotonic() >= one.pulled_at:
                self._start(one)
            return
        if one.metrics is not None:
            one.metrics.carry()
        if not one.process.running():
            status = one.process.status()
            if not one.stopping:
                self._say(f"container host: the task of {one.service} ended by itself:")
                self._say(one.process.log_end())
            self._leave_groups(one)
            self._end(one, status, "it is not wanted any more" if one.stopping else "it ended")
        elif not one.stopping:
            self._admit(one, one.process)

    def _start(self, one: Placed) -> None:
        told = self._cloud.tasks(self.found.cluster, self._arn, [one.arn])
        definition = next(each["taskDefinitionArn"] for each in told if each["taskArn"] == one.arn)
        try:
            task = self._place(self._cloud.definition(definition))
        except TaskRefused as refused:
            self._end(one, 1, str(refused))
            return
        one.process, one.metrics = task, Metrics(self._cloud.metrics, task.log)
        one.waiting = [
            Target(group, task.ports[inner], path)
            for group, inner, path in self._cloud.groups(self.found.cluster, one.service)
        ]
        bindings = [
            {"bindIP": "0.0.0.0", "containerPort": inner, "hostPort": outer, "protocol": "tcp"}
            for inner, outer in task.ports.items()
        ]
        container = {
            "containerName": task.container,
            "status": "RUNNING",
            "networkBindings": bindings,
        }
        self._report(
            one.arn,
            status="RUNNING",
            pullStartedAt=one.pull_began,
            pullStoppedAt=datetime.now(UTC),
            containers=[container],
        )
        image = task.image.rpartition("/")[2]
        self._say(f"container host: a task of {one.service} starts, image {image}")

    def _admit(self, one: Placed, task: Task) -> None:
        for target in [each for each in one.waiting if task.ready(each)]:
            self._cloud.admit(self.found.identity, target)
            one.waiting.remove(target)
            one.registered.append(target)
            if not one.waiting:
                self._say(f"container host: the task of {one.service} is ready and gets requests")

    def _leave_groups(self, one: Placed) -> None:
        one.waiting.clear()
        for target in tuple(one.registered):
            self._cloud.withdraw(self.found.identity, target)
            one.registered.remove(target)

    def _forget(self, one: Placed) -> None:
        self._leave_groups(one)
        del self.placed[one.arn]

    def _end(self, one: Placed, status: int, reason: str) -> None:
        name = one.process.container if one.process is not None else ""
        ended = [{"containerName": name, "status": "STOPPED", "exitCode": status}] if name else []
        self._report(
            one.arn, status="STOPPED", containers=ended, executionStoppedAt=datetime.now(UTC)
        )
        self._forget(one)
        self._say(f"container host: the task of {one.service} stopped, status {status}: {reason}")

    def _report(self, arn: str, **state: Any) -> None:
        self._cloud.report(self.found.cluster, arn, **state)
