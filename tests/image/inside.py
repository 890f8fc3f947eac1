"""What the container is made of, seen from inside: user, file system, byte code, doors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from operate.failures import CommandError
from tests.image.box import Box, seconds_until
from tests.image.report import Report

USER = 10001
# A process in the middle of its end shows its files to nobody.
UNSEEN = "unseen"
PROCESSES = """
import psutil
def about(p):
    found = {"pid": p.pid, "parent": 0, "words": [], "user": 0, "state": "zombie", "doors": []}
    try:
        if p.status() == "zombie":
            return found
        doors = [list(c.laddr) for c in p.net_connections("tcp") if c.status == "LISTEN"]
        found.update(parent=p.ppid(), words=p.cmdline(), user=p.uids().real, state=p.status(),
                     doors=doors)
    except psutil.ZombieProcess:
        pass
    except psutil.AccessDenied:
        found["state"] = "unseen"
    except psutil.NoSuchProcess:
        return None
    return found
every = [about(p) for p in psutil.process_iter() if p.pid != os.getpid()]
print(json.dumps([found for found in every if found]))
"""
WRITES = """
def writes(folder):
    try:
        open(f"{folder}/written", "w").close()
    except OSError:
        return False
    return True
folders = ("/", "/app", "/opt/venv", "/models", "/tmp")
print(json.dumps({folder: writes(folder) for folder in folders}))
"""
# Bytes 4 to 8 of byte code: 1 is a hash of the source that nobody compares again.
COMPILED = """
import importlib.util
def kind(name):
    found = importlib.util.find_spec(name)
    try:
        with open(found.cached, "rb") as file:
            return int.from_bytes(file.read(8)[4:], "little")
    except OSError:
        return -1
print(json.dumps({name: kind(name) for name in (
    "voicehost", "voicehost.app", "torch", "transformers", "qwen_tts", "whisperx", "flask")}))
"""
GPU_VARIABLES = """
print(json.dumps([os.environ.get(f"NVIDIA_{name}") for name in (
    "VISIBLE_DEVICES", "DRIVER_CAPABILITIES")]))
"""


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    parent: int
    words: list[str]
    user: int
    state: str
    doors: list[Any]


def processes(box: Box) -> list[Process]:
    found: list[Process] = []

    def all_seen() -> bool:
        found[:] = [Process(**each) for each in box.python(PROCESSES)]
        return all(each.state != UNSEEN for each in found)

    if seconds_until(all_seen, 10) is None:
        raise CommandError("a process in the container cannot be looked at.")
    return found


def server(found: list[Process], name: str) -> tuple[int, int]:
    """Process ids of a server's master and its worker."""
    own = [each for each in found if f"voicehost.wsgi:{name}()" in each.words]
    pids = {each.pid for each in own}
    master = next(each.pid for each in own if each.parent not in pids)
    return master, next(each.pid for each in own if each.parent == master)


def check_inside(report: Report, box: Box) -> None:
    found = processes(box)
    first = next(each for each in found if each.pid == 1)
    report.check("process 1 is tini", first.words[:1] == ["/usr/bin/tini"], first.words[:1])
    users = {each.user for each in found}
    report.check(f"all processes are of user {USER}", users == {USER}, users)
    writes = box.python(WRITES)
    good = writes.pop("/tmp") and not any(writes.values())  # noqa: S108
    report.check("only /tmp can be written", good, ", ".join(n for n, w in writes.items() if w))
    kinds = box.python(COMPILED)
    wrong = [name for name, kind in kinds.items() if kind != 1]
    report.check("byte-compiled, with hashes that nobody compares", not wrong, ", ".join(wrong))
    doors = [door for each in found for door in each.doors]
    away = [door for door in doors if not str(door[0]).startswith("127.")]
    report.check("nothing listens beyond loopback", doors and not away, away or "")
    report.check("a GPU is asked for", box.python(GPU_VARIABLES) == ["all", "compute,utility"])
    _check_orphans(report, box)


def _check_orphans(report: Report, box: Box) -> None:
    """Process 1 inherits whom nobody waits for."""
    box.exec("sh", "-c", "for i in 1 2 3; do (sleep 0.1 &) ; done")
    gone = seconds_until(lambda: not _orphans(box), 10)
    report.check("no zombies are left", gone is not None, f"{gone} s")


def _orphans(box: Box) -> list[Process]:
    return [e for e in processes(box) if e.words[:1] == ["sleep"] or e.state == "zombie"]
