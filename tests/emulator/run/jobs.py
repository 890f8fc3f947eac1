"""A batch that nobody waits for: kept in the bucket, it outlives the task that began it."""

from __future__ import annotations

import base64
import json
from typing import Any

from config.release import SlotName
from tests.emulator.door import Door
from tests.emulator.run import power
from tests.emulator.run.calls import seconds
from tests.emulator.run.report import require
from tests.emulator.run.stage import Stage

# Long enough that a stop comes before the end on a machine with nothing else to do.
TEXTS = [f"This is slide number {number} of a talk that goes on. " * 8 for number in range(1, 41)]
BEGUN_SECONDS = 60
DONE_SECONDS = 180


def outlives_its_task(stage: Stage, door: Door, slot: SlotName, *, key: str, stranger: str) -> str:
    """Its task is stopped in the middle; the next one does the rest and nothing again. Gives a
    note."""
    begun = door.post(
        "/tts/generate_batch", {"texts": TEXTS}, X_API_Key=key, Prefer="respond-async"
    )
    require(begun.status_code == 202, f"The job: {begun.status_code} {begun.text[:300]}")
    path, job = begun.headers["Location"], begun.json()["id"]
    stage.until(lambda: _done(door, key, path) >= 2, BEGUN_SECONDS, "The job does not begin.")
    _stop_task(stage, slot)
    before = _kept(stage, job, "made")
    require(2 <= len(before) < len(TEXTS), f"{len(before)} texts were spoken before the stop.")
    stage.until(
        lambda: power.open_to_callers(stage, slot) and _ended(door, key, path),
        DONE_SECONDS + power.START_SECONDS,
        "The job does not go on.",
    )
    after = _kept(stage, job, "made")
    again = [name for name, changed in before.items() if after.get(name) != changed]
    require(not again, f"Spoken twice: {again}")
    _check_results(door, key, path)
    for who in (door.get(path, X_API_Key=stranger), door.delete(path, X_API_Key=stranger)):
        require(who.status_code == 404, f"Another key: {who.status_code} {who.text[:200]}")
    gone = door.delete(path, X_API_Key=key)
    require(gone.status_code == 200, f"Deleting: {gone.status_code} {gone.text[:200]}")
    left = _kept(stage, job)
    require(not left, f"Of the deleted job is left: {sorted(left)}")
    return f"{len(before)} of {len(TEXTS)} spoken before the stop, the rest after it, none twice"


def narrated(door: Door, key: str, slot: str) -> str:
    """The text server has the WhisperX server beside it time each word. Gives a note."""
    text = "Good morning, and welcome to the talk."
    answer = door.post("/tts/narrate", {"text": text}, X_API_Key=key)
    require(answer.status_code == 200, f"/narrate: {answer.status_code} {answer.text[:300]}")
    told = answer.json()
    require(told.get("success") is True, f"/narrate: {answer.text.strip()[:300]}")
    require(answer.headers.get("X-Voice-Slot") == slot, "It came from the other slot.")
    length = seconds(base64.b64decode(told["audio"]))
    words = [word["word"] for word in told["words"]]
    require(words == text.split(), f"The words are {words}.")
    require(told["words"][-1]["end"] <= length + 0.01, "A word ends after the sound does.")
    return f"{length:.1f} s of speech with the times of {len(words)} words"


def _stop_task(stage: Stage, slot: SlotName) -> None:
    """As ECS stops a task whose machine is wanted; the service starts another one."""
    ecs, outputs = stage.client("ecs"), stage.outputs()
    cluster, service = outputs["ClusterName"], outputs[f"{slot.capitalize()}Service"]
    (task,) = ecs.list_tasks(cluster=cluster, serviceName=service)["taskArns"]
    ecs.stop_task(cluster=cluster, task=task, reason="it is stopped in the middle of a job")
    old = stage.host.task(service)
    require(old is not None, f"{slot} has no task to stop.")
    stage.until(lambda: stage.host.task(service) is not old, DONE_SECONDS, "The task does not end.")


def _look(door: Door, key: str, path: str) -> dict[str, Any]:
    """The job; empty while nobody can tell."""
    answer = door.get(path, X_API_Key=key)
    found: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
    return found


def _done(door: Door, key: str, path: str) -> int:
    return int(_look(door, key, path).get("done", 0))


def _ended(door: Door, key: str, path: str) -> bool:
    job = _look(door, key, path)
    if not job.get("ended_at"):
        return False
    require(job["status"] == "done" and job["done"] == len(TEXTS), f"The job: {job}")
    return True


def _check_results(door: Door, key: str, path: str) -> None:
    answer = door.get(f"{path}/results", X_API_Key=key)
    lines = [json.loads(line) for line in answer.text.splitlines() if line.strip()]
    items = [line for line in lines if "index" in line]
    order = [item["index"] for item in items]
    require(order == list(range(len(TEXTS))), f"The results are those of {order}.")
    for item in items:
        require(seconds(base64.b64decode(item["audio"])) > 0.3, f"{item['index']} is no speech.")


def _kept(stage: Stage, job: str, part: str = "") -> dict[str, Any]:
    """What the bucket has of the job, and when each was written."""
    pages = stage.client("s3").get_paginator("list_objects_v2")
    bucket = stage.outputs()["ResultsBucket"]
    return {
        each["Key"]: each["LastModified"]
        for page in pages.paginate(Bucket=bucket, Prefix="jobs/")
        for each in page.get("Contents", [])
        if f"/{job}" in each["Key"] and f"/{part}" in each["Key"]
    }
