"""`gpuvoice` against the deployed stack, each command as a process: its status and what it says."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from config.release import SlotName
from tests.emulator.children import ROOT, end_with_parent
from tests.emulator.run import power
from tests.emulator.run.client import environment
from tests.emulator.run.report import require
from tests.emulator.run.sleeping import STRANGER
from tests.emulator.run.stage import ENVIRONMENT, Stage

COMMAND_SECONDS = 120
SETTLE_SECONDS = 60
WRONG_KEY, DOCTOR_FOUND = 4, 9
PAGE = "http://localhost:3000"
# Their calls are none of the emulator's.
UNKNOWN_HERE = {"GPU quota", "instance type"}
REPOSITORY = "gpu-voice"
MANIFEST = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "layers": [],
}


class Client:
    """The command line of whoever has this key, in a folder with the run's release file."""

    def __init__(self, stage: Stage, key: str) -> None:
        self._stage, self._key = stage, key
        self._environment = environment(stage, key)
        self._folder = _checkout(stage)

    def run(self, *words: str, status: int = 0, key: str = "") -> dict[str, Any]:
        """What `gpuvoice WORDS --json` prints. Raises StepFailed for another exit status."""
        own = {**self._environment, "TTS_API_KEY": key or self._key}
        done = subprocess.run(
            [sys.executable, "-m", "gpuvoice", *words, "--json"],
            cwd=self._folder,
            env=own,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            preexec_fn=end_with_parent,
        )
        with self._stage.log.open("a", encoding="utf-8") as log:
            log.write(f"$ gpuvoice {' '.join(words)}\n{done.stdout}\n{done.stderr}\n")
        said = f"gpuvoice {' '.join(words)} ended with {done.returncode}: {done.stdout[-900:]}"
        require(done.returncode == status, f"{said} {done.stderr[-600:]}")
        require(own["TTS_API_KEY"] not in done.stdout + done.stderr, "It printed the key.")
        found: dict[str, Any] = json.loads(done.stdout)
        return found


def look(client: Client, slot: SlotName) -> str:
    """Status, a lease made and released, and what a key that nobody made gets. Gives a note."""
    status = client.run("status")
    live = status["slots"][slot]
    require((status["state"], live["phase"]) == ("on", "on"), f"The status is {status}.")
    require(all(stage["reached_at"] for stage in live["stages"]), f"Not reached: {live['stages']}")
    lease = client.run("lease", "make", "1h", "--why", "a demo")["lease"]
    held = client.run("lease", "list")["leases"]
    require([(one["id"], one["reason"]) for one in held] == [(lease["id"], "a demo")], f"{held}")
    client.run("lease", "release", lease["id"])
    left = client.run("lease", "list")["leases"]
    require(left == [], f"After its release there is {left}.")
    refused = client.run("status", status=WRONG_KEY, key=STRANGER)
    require(refused["success"] is False and refused["error"], f"A wrong key gets {refused}.")
    return f"on, {len(live['stages'])} stages reached; a lease made and released"


def examine(stage: Stage, client: Client, slot: SlotName) -> str:
    """The doctor finds the one thing that is wrong, and nothing when it is mended; the estimate.
    Gives a note."""
    words = ("doctor", "--origin", PAGE, "--env", ENVIRONMENT)
    found = _by_status(client.run(*words, status=DOCTOR_FOUND))
    require(set(found["fail"]) == {f"image of {slot}"}, f"The doctor says {found}.")
    _push(stage)
    mended = _by_status(client.run(*words))
    require(not mended["fail"], f"With an image in the registry the doctor says {mended}.")
    require(set(mended["skipped"]) <= UNKNOWN_HERE, f"It could not look at {mended['skipped']}.")
    cost = client.run("cost")["estimate"]
    require(cost["lines"] and cost["together_usd"] > 0, f"The estimate is {cost}.")
    counts = ", ".join(f"{len(ones)} {status}" for status, ones in mended.items() if ones)
    return f"the doctor: {counts}; the estimate: ${cost['with_allowances_usd']:.2f} a month"


def down(stage: Stage, client: Client, slot: SlotName) -> None:
    """It is off, and the client says so."""
    client.run("down", "--why", "the end of the run")
    stage.until(lambda: power.rests(stage, slot), power.STOP_SECONDS, f"{slot} does not stop.")
    stage.until(
        lambda: bool(client.run("status")["state"] == "asleep"), SETTLE_SECONDS, "It is not asleep."
    )


def _by_status(answer: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What the doctor found, by check, by status."""
    checks = answer["checks"]
    return {
        status: {each["check"]: each["found"] for each in checks if each["status"] == status}
        for status in ("ok", "warn", "skipped", "fail")
    }


def _push(stage: Stage) -> None:
    """An image of each slot's tag, as far as a registry can tell."""
    registry = stage.client("ecr")
    slots = yaml.safe_load(stage.release_file.read_text(encoding="utf-8"))[ENVIRONMENT]["slots"]
    for tag in {slot["tag"] for slot in slots.values()}:
        registry.put_image(
            repositoryName=REPOSITORY,
            imageManifest=json.dumps(MANIFEST),
            imageManifestMediaType=MANIFEST["mediaType"],
            imageTag=tag,
        )


def _checkout(stage: Stage) -> Path:
    """The project's settings beside the copies of the release file and the record."""
    folder = stage.log.parent / "checkout"
    config = folder / "config"
    (config / "deployed").mkdir(parents=True, exist_ok=True)
    for name in ("base", ENVIRONMENT):
        shutil.copy(ROOT / f"config/{name}.yaml", config)
    shutil.copy(stage.release_file, config)
    shutil.copy(stage.record_file, config / "deployed")
    return folder
