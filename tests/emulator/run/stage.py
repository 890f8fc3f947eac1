"""What all steps share: the cloud, the host, the commands and the deployed names."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.release import SlotName, release_file
from operate.cdk import cdk_command, tool_environment
from stacks.names import Naming
from tests.emulator.children import ROOT, end_with_parent
from tests.emulator.emulator import Emulator
from tests.emulator.host.agent import ContainerHost
from tests.emulator.run.report import Report, StepFailed

ENVIRONMENT = "emulator"
COMMAND_SECONDS = 300
LINES = 25


class Stage:
    """Commands work on copies of the release file and the record: no tracked file changes."""

    def __init__(self, emulator: Emulator, host: ContainerHost, folder: Path, report: Report):
        self.emulator, self.host, self.report = emulator, host, report
        self.log = folder / "commands.log"
        self.release_file = folder / "release.yaml"
        self.record_file = folder / f"records/{ENVIRONMENT}.json"
        shutil.copy(release_file(), self.release_file)
        self.environment = {
            **emulator.environment,
            "PATH": tool_environment()["PATH"],
            "GPUVOICE_RELEASE_FILE": str(self.release_file),
            "GPUVOICE_RECORDS": str(self.record_file.parent),
        }
        self._stack = Naming(ENVIRONMENT).stack("Service")

    def client(self, service: str) -> Any:
        return self.emulator.client(service)

    def operate(self, command: str, *arguments: str) -> str:
        """`python -m operate COMMAND` for the emulated environment; its standard output."""
        line = [sys.executable, "-m", "operate", command, "--env", ENVIRONMENT, *arguments]
        return self.command(line)

    def cdk(self, command: str, *arguments: str, good: tuple[int, ...] = (0,)) -> tuple[int, str]:
        """The CDK CLI itself: (status, all that it said)."""
        line = [*cdk_command(command, ENVIRONMENT), *arguments]
        done = self._run(line, subprocess.STDOUT)
        if done.returncode not in good:
            raise StepFailed(f"cdk {command} ended with {done.returncode}.\n{_end(done.stdout)}")
        return done.returncode, done.stdout

    def command(self, line: list[str]) -> str:
        """Standard output of a command that must end well."""
        done = self._run(line, subprocess.PIPE)
        if done.returncode:
            said = _end(f"{done.stdout}\n{done.stderr}")
            raise StepFailed(f"{' '.join(line[1:4])} ended with {done.returncode}.\n{said}")
        return done.stdout

    def refusal(self, command: str, *arguments: str) -> str:
        """What a command says that must be refused."""
        line = [sys.executable, "-m", "operate", command, "--env", ENVIRONMENT, *arguments]
        done = self._run(line, subprocess.STDOUT)
        if done.returncode == 0:
            raise StepFailed(f"{command} was accepted and should have been refused.")
        return done.stdout

    def outputs(self) -> dict[str, str]:
        """The outputs of the service stack."""
        found = self.client("cloudformation").describe_stacks(StackName=self._stack)["Stacks"][0]
        return {out["OutputKey"]: out["OutputValue"] for out in found["Outputs"]}

    def active(self) -> SlotName:
        return self.outputs()["ActiveSlot"]  # type: ignore[return-value]

    def until(self, condition: Callable[[], bool], seconds: float, sentence: str) -> None:
        """Look again until it holds; raises StepFailed with the sentence."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise StepFailed(f"{sentence} (waited {seconds:g} s)")
            time.sleep(0.25)

    def _run(self, line: list[str], errors: int) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            line,
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            timeout=COMMAND_SECONDS,
            preexec_fn=end_with_parent,
        )
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(line)}\n{done.stdout}\n{done.stderr or ''}\n")
        return done


def _end(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-LINES:])
