"""`python -m tests.emulator`: what `make emulate` runs."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

from config.settings import load_settings
from tests.emulator.emulator import Emulator, EmulatorFailed
from tests.emulator.host.agent import ContainerHost
from tests.emulator.run.journey import travel
from tests.emulator.run.report import Report, StepFailed
from tests.emulator.run.stage import ENVIRONMENT, Stage


def main() -> int:
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    folder = Path(tempfile.mkdtemp(prefix="emulate-"))
    report = Report()
    try:
        _run(folder, report)
    except (StepFailed, EmulatorFailed) as failure:
        report.say(f"make emulate failed after {report.steps} steps: {failure}")
        report.say(f"The logs are in {folder}.")
        return 1
    except Exception:
        report.say(f"make emulate broke after {report.steps} steps. The logs are in {folder}.")
        raise
    except KeyboardInterrupt:
        report.say(f"make emulate was interrupted. The logs are in {folder}.")
        return 130
    shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(f"make emulate: {report.steps} steps passed in {report.seconds:.0f} s.\n")
    return 0


def _run(folder: Path, report: Report) -> None:
    domain = load_settings(ENVIRONMENT).front_door.domain
    zone = (domain.zone_id, domain.zone_name) if domain else (None, None)
    zones = {zone[0]: zone[1]} if zone[0] and zone[1] else {}
    emulator = Emulator(folder / "cloud", zones)
    with report.step("start the emulated cloud on loopback"):
        emulator.__enter__()
    try:
        with ContainerHost(emulator, folder / "host", report.note) as host:
            travel(Stage(emulator, host, folder, report))
    finally:
        emulator.__exit__(None, None, None)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
