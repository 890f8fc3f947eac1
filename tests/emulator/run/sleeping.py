"""Callers of a GPU that sleeps: what they are told, who wakes it, and how the start is shown."""

from __future__ import annotations

import base64
import json
import subprocess
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.release import SLOTS, SlotName, other
from stacks.names import SERVERS
from tests.emulator.door import Door
from tests.emulator.run import power
from tests.emulator.run.calls import TEXT, seconds
from tests.emulator.run.report import require
from tests.emulator.run.stage import Stage

SENTENCE = "The GPU is asleep; it is being started (usually "
STAGES = [
    "capacity asked", "instance running", "agent joined", "image pulled", "container up",
    "model loading", "warm",
]  # fmt: skip
ORIGIN = "http://localhost:3000"
CALL = Path(__file__).with_name("plain_call.mjs")
CALL_SECONDS = 60
STRANGER = "gv_" + "0" * 43
# More than a function behind a load balancer takes.
LARGE = "a" * 1_100_000
CALLERS = 8


def told(stage: Stage, door: Door, active: SlotName) -> None:
    """Right after the first deploy: answers for everybody, and nobody without a key wakes it."""
    own = power.own_rules(stage)
    require(own == {power.IDLE_RULE, power.LIVE_RULE}, f"The controller's rules are {own}.")
    for server in SERVERS:
        health = door.get(f"/{server}/health", Origin=ORIGIN)
        said = f"{server}/health asleep: {health.status_code} {health.text[:200]}"
        require(health.status_code == 503 and health.json()["status"] == "asleep", said)
        require(int(health.headers["Retry-After"]) > 0, f"No Retry-After: {said}")
        allowed = health.headers.get("Access-Control-Allow-Origin")
        require(allowed == ORIGIN, f"A page at {ORIGIN} may not read it: {allowed}.")
        for headers in ({}, {"X_API_Key": STRANGER}):
            refused = door.post(f"/{server}/generate", {"text": "a"}, **headers)
            require(refused.status_code == 401, f"Without a key: {refused.status_code}.")
    refused = door.post("/power/start", {})
    require(refused.status_code == 401, f"/power/start without a key: {refused.status_code}.")
    power.look(stage)
    for slot in SLOTS:
        require(power.counts(stage, slot) == power.OFF, f"{slot} was woken by nobody.")


def too_large(stage: Stage, door: Door, key: str) -> None:
    """The load balancer answers, and nothing is woken."""
    answer = door.post("/whisperx/transcribe", {"audio": LARGE}, X_API_Key=key)
    require(answer.status_code == 413, f"1.1 MB asleep: {answer.status_code}.")


def woken_by_a_script(stage: Stage, door: Door, key: str, active: SlotName) -> float:
    """A plain call fails at once with the sentence and wakes the live slot; gives the time until
    which it was told to wait."""
    result = plain_call(stage, door, key)
    said = f"The script got {json.dumps(result)[:300]}"
    require(not result["ok"] and result.get("status") == 503, said)
    data = result["data"]
    require(data["error"].startswith(SENTENCE) and data["state"] == "asleep", said)
    eta = float(data["eta_seconds"])
    require(float(result["headers"]["retry-after"]) == eta, said)
    until = time.monotonic() + eta
    stage.until(lambda: power.counts(stage, active) == power.ON, 30, f"{active} is not woken.")
    idle = power.counts(stage, other(active))
    require(idle == power.OFF, f"{other(active)} was woken too: {idle}.")
    return until


def served_after_that(stage: Stage, door: Door, key: str, until: float) -> str:
    """The same call succeeds when it is repeated after the time it was told. Gives a note."""
    stage.until(lambda: time.monotonic() >= until, 600, "That is too long to wait.")
    result = plain_call(stage, door, key)
    require(result["ok"], f"After the time it was told: {json.dumps(result)[:300]}")
    (sound,) = result["data"]["audios"]
    length = seconds(base64.b64decode(sound))
    require(length > 1, f"That is {length:.1f} s of speech.")
    return f"{length:.1f} s of speech"


def shown(stage: Stage, door: Door, key: str, active: SlotName) -> str:
    """The start chain as /power/status shows it, until callers are let in. Gives a note."""
    seen: list[str] = []

    def warm() -> bool:
        slot = power.status(door, key)["slots"][active]
        reached = [each["stage"] for each in slot["stages"] if each["reached_at"]]
        for stage_name in reached:
            if stage_name not in seen:
                seen.append(stage_name)
        return bool(slot["phase"] == "on")

    stage.until(warm, power.START_SECONDS, f"{active} does not become warm.")
    require(seen == STAGES, f"The stages were {seen}.")
    found = power.status(door, key)["slots"][active]["stages"]
    took = {each["stage"]: each["seconds"] for each in found if each["seconds"] is not None}
    require(all(value >= 0 for value in took.values()), f"Times go backwards: {took}.")
    stage.until(lambda: power.open_to_callers(stage, active), 60, "Callers are not let in.")
    return ", ".join(f"{name} {value:.1f} s" for name, value in took.items())


def many_at_once(stage: Stage, door: Door, key: str, slot: SlotName) -> None:
    """Many callers of a sleeping slot start one instance."""
    made = _instances_ever(stage)

    def call() -> None:
        door.post("/tts/generate", {"text": "Good morning."}, X_API_Key=key)
        door.post("/power/start", {"slot": slot}, X_API_Key=key)

    callers = [threading.Thread(target=call) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    stage.until(
        lambda: power.open_to_callers(stage, slot), power.START_SECONDS, "It does not start."
    )
    fresh = _instances_ever(stage) - made
    require(len(fresh) == 1, f"{CALLERS} callers started {len(fresh)} instances.")


def plain_call(stage: Stage, door: Door, key: str) -> dict[str, Any]:
    """What a Node script with axios gets; the key is in the URL, as in the contract."""
    port = urlsplit(stage.emulator.https).port
    url = f"https://key:{key}@127.0.0.1:{port}/tts/generate_batch"
    return call_by_script(stage, url, CALL_SECONDS, Host=door.host)


def call_by_script(stage: Stage, url: str, seconds: float, **headers: str) -> dict[str, Any]:
    """The script's one call, and what it gets; it never tries again."""
    task = {"url": url, "body": {"texts": [TEXT]}, "headers": headers}
    done = subprocess.run(
        ["node", str(CALL)],
        env=stage.environment,
        input=json.dumps(task),
        capture_output=True,
        text=True,
        timeout=seconds,
    )
    require(done.returncode == 0, f"The script broke: {done.stderr[-500:]}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _instances_ever(stage: Stage) -> set[str]:
    reservations = stage.client("ec2").describe_instances()["Reservations"]
    return {one["InstanceId"] for each in reservations for one in each["Instances"]}
