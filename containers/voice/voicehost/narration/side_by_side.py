"""Several pieces of work of one call, side by side."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from voicehost.errand import Errand
from voicehost.errors import CallerGone, EngineFault, VoiceError
from voicehost.threads import begun
from voicehost.web.errors import FAULT

log = logging.getLogger(__name__)

Task = TypeVar("Task")
Result = TypeVar("Result")


def side_by_side(
    errand: Errand, tasks: Sequence[Task], work: Callable[[Task], Result], at_once: int
) -> list[Result | VoiceError]:
    """The result of each, or what it failed with, in their order; at most so many at once.

    The thread that calls works too: where no further one can start, it does everything itself.
    Raises CallerGone.
    """
    outcomes: list[Result | VoiceError] = [EngineFault(FAULT) for _ in tasks]
    waiting = iter(enumerate(tasks))
    lock = threading.Lock()

    def one(task: Task) -> Result | VoiceError:
        try:
            return work(task)
        except VoiceError as error:
            return error
        except Exception:
            log.exception("an item failed", extra={"request_id": errand.caller.request_id})
            return EngineFault(FAULT)

    def main() -> None:
        while True:
            with lock:
                found = next(waiting, None)
            if found is None:
                return
            index, task = found
            outcomes[index] = one(task)

    threads = begun(main, min(at_once, len(tasks)) - 1, "narrate")
    main()
    for thread in threads:
        thread.join()
    for outcome in outcomes:
        if isinstance(outcome, CallerGone):
            raise outcome
    return outcomes
