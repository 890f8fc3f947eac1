"""The publisher beside the two servers: one of it, and its end is never theirs."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import psutil

from tests import web
from tests.patience import until
from tests.runtime.pretend_nvml.library import DRIVER_NOT_LOADED, PretendNvml
from tests.servers import Running, running_servers

ROOT = Path(__file__).parents[2]
SETTINGS = {"VOICE_ENGINE": "clock", "VOICE_METRICS_SECONDS": "0.2"}


def family(running: Running) -> list[psutil.Process]:
    """The processes that supervisord looks after."""
    manager = running.processes._process
    assert manager is not None
    return psutil.Process(manager.pid).children(recursive=True)


def publishers(running: Running) -> list[psutil.Process]:
    found = []
    for process in family(running):
        with contextlib.suppress(psutil.Error):  # one that has just ended has no command line
            if "gpu-metrics" in process.cmdline():
                found.append(process)
    return found


def gpu_lines(running: Running) -> int:
    return running.log.read_text().count('"Name": "GpuUtilization"')


def test_one_publisher_runs_beside_both_servers_and_is_back_when_killed(tmp_path: Path) -> None:
    nvml = PretendNvml(tmp_path)
    nvml.answer()
    with running_servers(tmp_path / "run", {**SETTINGS, **nvml.environment}) as running:
        until(lambda: gpu_lines(running) > 0)
        (publisher,) = publishers(running)
        os.kill(publisher.pid, signal.SIGKILL)
        until(lambda: [one.pid for one in publishers(running)] not in ([], [publisher.pid]))
        seen = gpu_lines(running)
        until(lambda: gpu_lines(running) > seen)
        for server in (running.tts, running.whisperx):
            assert web.get(f"{server}/ready").status_code == 200


def test_the_last_request_is_seen_by_the_publisher_too(tmp_path: Path) -> None:
    nvml = PretendNvml(tmp_path)
    nvml.answer()
    settings = {**SETTINGS, **nvml.environment, "VOICE_GRACEFUL_SECONDS": "60"}
    answers: list[httpx.Response] = []
    with running_servers(tmp_path / "run", settings) as running:
        url = f"{running.tts}/generate"

        def call() -> None:
            answers.append(web.post(url, json={"text": "Some seconds of text."}, timeout=60))

        caller = threading.Thread(target=call)
        caller.start()
        internal = {"X-Voice-Internal": "1"}
        path = f"{running.tts}/internal/activity"
        until(lambda: web.get(path, headers=internal).json()["in_flight"] == 1)
        (publisher,) = publishers(running)
        manager = running.processes._process
        assert manager is not None
        manager.terminate()
        before = gpu_lines(running)
        until(lambda: gpu_lines(running) >= before + 3)
        assert answers == []
        caller.join()
    assert answers[0].status_code == 200
    assert not psutil.pid_exists(publisher.pid)


def test_without_a_gpu_the_publisher_ends_and_the_servers_go_on(
    nvml: PretendNvml, tmp_path: Path
) -> None:
    nvml.answer_all({"init": DRIVER_NOT_LOADED})
    with running_servers(tmp_path, {**SETTINGS, **nvml.environment}) as running:
        until(lambda: "no GPU here" in running.log.read_text())
        until(lambda: publishers(running) == [])
        seen = running.log.read_text().count('"SecondsSinceLastRequest"')
        # More than four seconds, in which a manager that took this for a failure had tried again.
        until(lambda: running.log.read_text().count('"SecondsSinceLastRequest"') > seen + 80)
        assert running.log.read_text().count("no GPU here") == 1
        assert running.processes.running()


def test_a_publisher_that_cannot_be_started_at_all_does_not_end_the_container(
    tmp_path: Path,
) -> None:
    payload = b"processname:gpu-metrics groupname:gpu-metrics from_state:BACKOFF"
    head = b"ver:3.0 eventname:PROCESS_STATE_FATAL len:%d\n" % len(payload)
    # It ends its parent where it ends the container: that must not be this process.
    command = [sys.executable, str(ROOT / "containers/voice/fatal_listener.py")]
    listener = subprocess.Popen(
        ["/bin/sh", "-c", '"$0" "$1"; exit', *command],
        env={**os.environ, "VOICEHOST_RUN": str(tmp_path)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    assert listener.stdin is not None
    assert listener.stdout is not None
    assert listener.stderr is not None
    try:
        assert listener.stdout.readline() == b"READY\n"
        listener.stdin.write(head + payload)
        listener.stdin.flush()
        assert b"the servers go on" in listener.stderr.readline()
        assert listener.stdout.read(len(b"RESULT 2\nOK")) == b"RESULT 2\nOK"
        assert not (tmp_path / "fatal").exists()
    finally:
        os.killpg(listener.pid, signal.SIGKILL)
        listener.communicate()
