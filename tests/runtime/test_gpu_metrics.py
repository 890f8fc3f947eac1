"""The GPU's figures reach the log as metrics, from the real bindings; no GPU is no error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.patience import until
from tests.runtime.pretend_nvml.library import (
    DRIVER_NOT_LOADED,
    GIB,
    GPU_IS_LOST,
    NOT_SUPPORTED,
    ONE_CARD,
    PretendNvml,
)
from voicehost.gpu.figures import Reading, figures

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "voicehost", "gpu-metrics"]
NAMES = {
    "GpuUtilization",
    "GpuMemoryUsedMiB",
    "GpuMemoryPercent",
    "GpuTemperature",
    "GpuPowerWatts",
}


class Publisher:
    """The process, and what it has said so far."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    def lines(self) -> list[dict[str, Any]]:
        text = self._log.read_text()
        return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]

    def metrics(self) -> list[dict[str, Any]]:
        return [line for line in self.lines() if "_aws" in line]

    def messages(self) -> list[str]:
        return [line["message"] for line in self.lines() if "message" in line]

    def next_metrics(self) -> dict[str, Any]:
        """The second line from now: its whole period lies behind what was set before."""
        before = len(self.metrics())
        until(lambda: len(self.metrics()) >= before + 2)
        return self.metrics()[before + 1]


def environment(more: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICE_")}
    path = f"{ROOT / 'containers/voice'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    return {**kept, "PYTHONPATH": path, "VOICE_METRICS_SECONDS": "0.2", **more}


@contextmanager
def publishing(nvml: PretendNvml, folder: Path, **settings: str) -> Iterator[Publisher]:
    log = folder / "publisher.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            COMMAND, env=environment({**nvml.environment, **settings}), stdout=out, stderr=out
        )
    try:
        yield Publisher(process, log)
    finally:
        process.kill()
        process.wait()


def ended(more: dict[str, str]) -> tuple[int, str]:
    """Exit status and output of a publisher that ends by itself."""
    done = subprocess.run(
        COMMAND, env=environment(more), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_a_line_has_all_figures_of_the_slot_s_gpu(nvml: PretendNvml, tmp_path: Path) -> None:
    with publishing(
        nvml, tmp_path, VOICE_SLOT="blue", VOICE_METRICS_NAMESPACE="GpuVoice/dev"
    ) as publisher:
        line = publisher.next_metrics()
    directive = line["_aws"]["CloudWatchMetrics"][0]
    assert (directive["Namespace"], directive["Dimensions"]) == ("GpuVoice/dev", [["Slot"]])
    assert line["Slot"] == "blue"
    units = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert set(units) == NAMES
    assert {n for n, unit in units.items() if unit == "Percent"} == {
        "GpuUtilization",
        "GpuMemoryPercent",
    }
    assert {name: line[name] for name in NAMES} == {
        "GpuUtilization": 40,
        "GpuMemoryUsedMiB": 6144,
        "GpuMemoryPercent": 25,
        "GpuTemperature": 55,
        "GpuPowerWatts": 61.5,
    }
    assert len(json.dumps(line)) < 4096


def test_without_a_slot_the_gpu_is_named_where_a_server_would_be(
    nvml: PretendNvml, tmp_path: Path
) -> None:
    with publishing(nvml, tmp_path) as publisher:
        line = publisher.next_metrics()
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["Server"]]
    assert line["Server"] == "gpu"


def test_a_figure_that_a_card_does_not_give_is_left_out(nvml: PretendNvml, tmp_path: Path) -> None:
    nvml.answer(milliwatts=NOT_SUPPORTED, busy=NOT_SUPPORTED)
    with publishing(nvml, tmp_path) as publisher:
        line = publisher.next_metrics()
    assert NAMES & set(line) == {"GpuMemoryUsedMiB", "GpuMemoryPercent", "GpuTemperature"}
    declared = line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
    assert {metric["Name"] for metric in declared} == NAMES & set(line)


def test_two_cards_make_one_line(nvml: PretendNvml, tmp_path: Path) -> None:
    second = {"1.busy": 10, "1.used": 20 * GIB, "1.total": 24 * GIB, "1.celsius": 40}
    nvml.answer_all({**ONE_CARD, **second, "1.milliwatts": 38500, "cards": 2})
    with publishing(nvml, tmp_path) as publisher:
        line = publisher.next_metrics()
    assert {name: line[name] for name in NAMES} == {
        "GpuUtilization": 40,
        "GpuMemoryUsedMiB": 26 * 1024,
        "GpuMemoryPercent": pytest.approx(83.33),
        "GpuTemperature": 55,
        "GpuPowerWatts": 100,
    }


def test_a_card_that_is_lost_is_told_once_and_asked_until_it_is_back(
    nvml: PretendNvml, tmp_path: Path
) -> None:
    with publishing(nvml, tmp_path) as publisher:
        publisher.next_metrics()
        nvml.answer(used=GPU_IS_LOST)
        until(lambda: len(publisher.messages()) == 1)
        silent = len(publisher.metrics())
        asked = nvml.opened()
        until(lambda: nvml.opened() > asked + 2)
        nvml.answer(used=12 * GIB)
        until(lambda: len(publisher.metrics()) > silent)
        assert publisher.metrics()[silent]["GpuMemoryPercent"] == 50
        assert publisher.messages() == [
            "the GPU does not answer; asking on",
            "the GPU answers again",
        ]


def test_a_driver_that_goes_away_later_is_a_fault_and_no_absent_gpu(
    nvml: PretendNvml, tmp_path: Path
) -> None:
    with publishing(nvml, tmp_path) as publisher:
        publisher.next_metrics()
        nvml.answer_all({"init": DRIVER_NOT_LOADED, "0.used": GPU_IS_LOST, "cards": 1})
        until(lambda: len(publisher.messages()) == 1)
        asked = nvml.opened()
        until(lambda: nvml.opened() > asked + 1)
        nvml.answer()
        until(lambda: len(publisher.messages()) == 2)
        assert publisher.process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_at_once_when_told(
    nvml: PretendNvml, tmp_path: Path, number: signal.Signals
) -> None:
    with publishing(nvml, tmp_path, VOICE_METRICS_SECONDS="0.2") as publisher:
        publisher.next_metrics()
        publisher.process.send_signal(number)
        assert publisher.process.wait(5) == 0
        assert publisher.messages() == []


def test_it_ends_with_the_process_that_started_it(nvml: PretendNvml, tmp_path: Path) -> None:
    code = (
        f"import subprocess; p = subprocess.Popen({COMMAND!r}); print(p.pid, flush=True); p.wait()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], env=environment(nvml.environment), stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    publisher = psutil.Process(int(parent.stdout.readline()))
    assert b"_aws" in parent.stdout.readline()
    parent.kill()
    _, left = psutil.wait_procs([publisher], timeout=10)
    for process in left:
        process.kill()
    parent.communicate()
    assert left == []


def test_where_there_is_no_gpu_it_says_so_and_ends_well(nvml: PretendNvml) -> None:
    nvml.answer_all({"init": DRIVER_NOT_LOADED})
    status, said = ended(nvml.environment)
    assert status == 0
    (line,) = said.splitlines()
    assert "no GPU" in json.loads(line)["message"]


@pytest.mark.parametrize("figures_", [{"init": DRIVER_NOT_LOADED}, {"cards": 0}])
def test_a_library_without_a_driver_or_a_card_is_no_gpu_either(
    nvml: PretendNvml, figures_: dict[str, int]
) -> None:
    nvml.answer_all(figures_)
    status, said = ended(nvml.environment)
    assert (status, said.count("\n")) == (0, 1)
    assert "no GPU" in said


def test_missing_bindings_are_no_gpu_either(nvml: PretendNvml, tmp_path: Path) -> None:
    (tmp_path / "pynvml.py").write_text("raise ModuleNotFoundError('pynvml')\n")
    path = f"{tmp_path}{os.pathsep}{environment({})['PYTHONPATH']}"
    status, said = ended({**nvml.environment, "PYTHONPATH": path})
    assert status == 0
    assert "nvidia-ml-py is not installed" in said


def test_it_can_be_switched_off(nvml: PretendNvml) -> None:
    status, said = ended({**nvml.environment, "VOICE_GPU_METRICS": "false"})
    assert (status, said.count("\n")) == (0, 1)
    assert "VOICE_GPU_METRICS" in said


def reading(busy: float, used: int, celsius: float = 50, watts: float = 60) -> Reading:
    return Reading(busy, used, 16 * GIB, celsius, watts)


def test_over_time_use_is_a_mean_and_memory_a_peak() -> None:
    found = figures([[reading(0, 4 * GIB)], [reading(100, 8 * GIB, 70, 90)], [reading(20, GIB)]])
    values = {name: value for name, (_, value) in found.items()}
    assert values == {
        "GpuUtilization": 40,
        "GpuMemoryUsedMiB": 8192,
        "GpuMemoryPercent": 50,
        "GpuTemperature": 70,
        "GpuPowerWatts": 70,
    }


def test_a_figure_that_is_zero_is_not_one_that_is_missing() -> None:
    found = figures([[Reading(0, 0, 16 * GIB, None, 0)]])
    assert {name: value for name, (_, value) in found.items()} == {
        "GpuUtilization": 0,
        "GpuMemoryUsedMiB": 0,
        "GpuMemoryPercent": 0,
        "GpuPowerWatts": 0,
    }
