"""Start the idle slot where the power controller can, and wait until it is warm."""

from __future__ import annotations

import time

from operate.failures import CommandError
from operate.verify.door import Answer, SlotDoor, Unreachable, said
from stacks.names import SERVERS

LOOK_SECONDS = 5.0
SAY_SECONDS = 60.0
START = "/power/start"
NO_SERVER = ("asleep", "stopping", "starting", "recovering")
# States of the power controller from which waiting leads nowhere.
REFUSING = ("backoff", "budget", "quiet")
GIVEN_UP = "given up: "


def wait_until_ready(door: SlotDoor, minutes: float) -> None:
    """Raises CommandError when both servers of the slot are not ready in time."""
    began = time.monotonic()
    states = _states(door)
    if any(state != "ready" for state in states.values()):
        _start(door, states)
    shown, shown_at = "", began
    while any(state != "ready" for state in states.values()):
        for state in states.values():
            if state.startswith(GIVEN_UP):
                raise CommandError(f"{door.slot} does not start. {state}")
        now = time.monotonic()
        line = ", ".join(f"{server}: {state}" for server, state in states.items())
        if now - began > minutes * 60:
            raise CommandError(
                f"{door.slot} is not ready after {minutes:g} minutes ({line}). docs/runbook.md, "
                f"{door.slot.capitalize()}Unreachable, says where to look."
            )
        if line != shown or now - shown_at > SAY_SECONDS:
            print(f"{(now - began) / 60:5.1f} min  {line}", flush=True)
            shown, shown_at = line, now
        time.sleep(LOOK_SECONDS)
        states = _states_or_none(door)


def _start(door: SlotDoor, states: dict[str, str]) -> None:
    answer = door.post(START, {"slot": "idle"})
    if 200 <= answer.status < 300:
        print(f"{door.slot} is being started; it stays on until its idle stop.", flush=True)
    elif all(state.partition(",")[0] in NO_SERVER for state in states.values()):
        raise CommandError(
            f"{door.slot} does not run, and {START} answers {answer.status}: {said(answer)} Start "
            "it (docs/runbook.md, Verify a slot), then try again."
        )


def _states_or_none(door: SlotDoor) -> dict[str, str]:
    """As `_states`; a connection that fails once ends no wait of half an hour."""
    try:
        return _states(door)
    except Unreachable:
        return dict.fromkeys(SERVERS, "no answer")


def _states(door: SlotDoor) -> dict[str, str]:
    return {server: _state(door, door.get(f"/{server}/ready")) for server in SERVERS}


def _asleep(answer: Answer) -> str:
    """No server is there: the power controller says what it does, or the load balancer nothing."""
    state = str(answer.body.get("state", "asleep"))
    if state in REFUSING:
        return f"{GIVEN_UP}{said(answer)}"
    stage = answer.body.get("stage")
    return f"{state}, {stage}" if stage else state


def _state(door: SlotDoor, answer: Answer) -> str:
    if answer.slot != door.slot:
        if answer.slot:
            door.check_slot("/ready", answer)
        return _asleep(answer)
    if answer.status == 200:
        return "ready"
    parts = {**answer.body.get("models", {}), "keys": answer.body.get("keys") or {}}
    stages = {str(part.get("stage")) for part in parts.values() if part} - {"ready"}
    return ", ".join(sorted(stages)) or f"answers {answer.status}"
