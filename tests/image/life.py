"""Health, a killed server, and the two ways to end: asked to, and because a server cannot start."""

from __future__ import annotations

import threading
from collections.abc import Mapping

import httpx

from operate.image.docker import Docker
from tests import web
from tests.image.box import Box, box, seconds_until
from tests.image.inside import processes, server
from tests.image.report import Report

SENTENCE = "The container was asked to stop while this sentence was being spoken, and it goes on. "
LONG_TEXTS = [SENTENCE * 3] * 48
INTERNAL = {"X-Voice-Internal": "1"}


def check_health(report: Report, box: Box) -> None:
    def turns(state: str) -> float | None:
        return seconds_until(lambda: box.inspect(".State.Health.Status") == state, 60)

    took = turns("healthy")
    report.check("health turns healthy", took is not None, f"{took} s")
    _, worker = server(processes(box), "whisperx")
    box.signal("STOP", worker)
    took = turns("unhealthy")
    box.signal("CONT", worker)
    report.check("a server that hangs turns it unhealthy", took is not None, f"{took} s")
    took = turns("healthy")
    report.check("and healthy again when it goes on", took is not None, f"{took} s")


def check_restart(report: Report, box: Box) -> None:
    before = processes(box)
    killed, other = server(before, "tts"), server(before, "whisperx")
    box.signal("KILL", killed[0])
    gone = seconds_until(lambda: not {e.pid for e in processes(box)}.intersection(killed), 30)
    report.check("a killed server takes its worker along", gone is not None, f"{gone} s")
    took = seconds_until(box.ready, 180)
    report.check("a killed server comes back", took is not None, f"{took} s until it is ready")
    report.check("the other was not touched", server(processes(box), "whisperx") == other)


def check_stop(report: Report, box: Box) -> None:
    """Ask it to stop in the middle of a request."""
    answers: list[int] = []
    caller = threading.Thread(target=lambda: answers.append(_speak(box)))
    caller.start()
    busy = seconds_until(lambda: _in_flight(box) == 1, 30)
    stopping = threading.Thread(target=box.stop, args=(120,))
    stopping.start()
    refused = seconds_until(lambda: all(map(box.refuses, box.both)), 60)
    early = refused is not None and caller.is_alive()
    report.check("asked to stop, both refuse new work at once", early, f"{refused} s")
    caller.join()
    report.check("and finish what is under way", busy is not None and answers == [200], answers)
    stopping.join()
    code = box.inspect(".State.ExitCode")
    report.check("and exit with 0", code == 0, code)


def check_failed_start(
    report: Report, docker: Docker, image: str, name: str, settings: Mapping[str, str], says: str
) -> None:
    """A container with these settings ends by itself with 1, and its log says why."""
    with box(docker, image, settings) as failing:
        took = seconds_until(lambda: not failing.running(), 180)
        code = failing.inspect(".State.ExitCode") if took is not None else "it runs"
        log = failing.log()
        report.check(f"{name} ends the container with 1", code == 1, f"{code} after {took} s")
        lines = [line for line in log.splitlines() if says in line]
        report.check(f"and the log names {says}", lines)


def _speak(box: Box) -> int:
    try:
        answer = web.post(f"{box.tts}/generate_batch", json={"texts": LONG_TEXTS}, timeout=180)
        return answer.status_code if answer.json().get("success") else 0
    except (httpx.HTTPError, ValueError):
        return 0


def _in_flight(box: Box) -> int:
    answer = web.get(f"{box.tts}/internal/activity", headers=INTERNAL, timeout=10)
    return int(answer.json()["in_flight"])
