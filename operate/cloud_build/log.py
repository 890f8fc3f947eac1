"""A build in AWS as it goes: its lines as they come, and how it ends."""

from __future__ import annotations

import time
from typing import Any

from botocore.exceptions import ClientError

from operate.cloud import Cloud
from operate.failures import CommandError

LOOK_SECONDS = 5.0
# Lines reach the log some seconds after they are printed, the last ones too.
LAST_LOOKS = 2
GOOD = "SUCCEEDED"
ENDS = {
    "FAILED": "failed",
    "FAULT": "was broken off by a fault of CodeBuild",
    "TIMED_OUT": "ran out of time",
    "STOPPED": "was stopped",
}


class BuildLog:
    """Prints what was not printed yet, with each `show`."""

    def __init__(self, cloud: Cloud, group: str) -> None:
        self._client, self._group = cloud.client("logs"), group
        self._token: str | None = None

    def show(self, stream: str | None) -> None:
        """`stream`: None while the build has none."""
        while stream is not None:
            more = {"nextToken": self._token} if self._token else {}
            try:
                found = self._client.get_log_events(
                    logGroupName=self._group, logStreamName=stream, startFromHead=True, **more
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceNotFoundException":
                    raise
                return
            for event in found["events"]:
                print(event["message"].rstrip(), flush=True)
            # Nothing on a page says nothing; the same token again is the end.
            if found["nextForwardToken"] == self._token:
                return
            self._token = found["nextForwardToken"]


def follow(cloud: Cloud, build: str, group: str) -> None:
    """Wait for the build's end. Raises CommandError when that is a bad one."""
    log, shown = BuildLog(cloud, group), ""
    while True:
        state = described(cloud, build)
        phase = str(state.get("currentPhase", ""))
        if phase != shown:
            print(f"--- {phase.lower().replace('_', ' ')}", flush=True)
            shown = phase
        log.show(_stream(state))
        if state["buildStatus"] != "IN_PROGRESS":
            break
        time.sleep(LOOK_SECONDS)
    for _ in range(LAST_LOOKS):
        time.sleep(LOOK_SECONDS)
        log.show(_stream(state))
    if state["buildStatus"] != GOOD:
        ended = ENDS.get(state["buildStatus"], "ended badly")
        raise CommandError(f"the build {ended}{_where(state)}.")


def described(cloud: Cloud, build: str) -> Any:
    """CodeBuild's description of the build. Raises CommandError when it has none."""
    found = cloud.client("codebuild").batch_get_builds(ids=[build])["builds"]
    if not found:
        raise CommandError(f"CodeBuild knows no build {build} any more.")
    return found[0]


def _stream(state: Any) -> str | None:
    name: str | None = state.get("logs", {}).get("streamName")
    return name


def _where(state: Any) -> str:
    """The phase that failed and CodeBuild's words for it."""
    for phase in state.get("phases", []):
        if phase.get("phaseStatus", GOOD) != GOOD:
            contexts = phase.get("contexts") or [{}]
            words = str(contexts[0].get("message") or "").strip().rstrip(".")
            name = phase["phaseType"].lower().replace("_", " ")
            return f" in its phase '{name}'" + (f": {words}" if words else "")
    return ""
