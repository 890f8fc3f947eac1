"""One invocation of the controller: the lock, and looks until nothing is on its way."""

from __future__ import annotations

from collections.abc import Callable

from power.look import Controller
from power.ports import Store

# Longer than the function may run (120 s): when it ends by itself, its holder is no more.
LOCK_SECONDS = 150.0
BETWEEN_SECONDS = 10.0
RETRY_SECONDS = 1.0


def run(
    controller: Controller,
    store: Store,
    *,
    owner: str,
    clock: Callable[[], float],
    pause: Callable[[float], None],
    until: float,
    patient_until: float,
) -> bool:
    """Look again and again while a slot is on its way, at most until `until`.

    False when somebody else held the lock until `patient_until`: their next look, or the next
    sweep, sees what this one was called for. Raises Unreachable.
    """
    while not store.lock(owner, clock(), LOCK_SECONDS):
        if clock() >= patient_until:
            return False
        pause(RETRY_SECONDS)
    try:
        while controller.look() and clock() < until:
            pause(BETWEEN_SECONDS)
    finally:
        store.unlock(owner)
    return True
