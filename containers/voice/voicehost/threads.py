"""Threads for work that goes on without those that cannot be had."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)


def begun(main: Callable[[], None], count: int, name: str) -> list[threading.Thread]:
    """So many threads that run `main`, or as many as can start: who begins them works too.

    Threads of a ThreadPoolExecutor would be refused while the process ends.
    """
    threads: list[threading.Thread] = []
    for number in range(count):
        thread = threading.Thread(target=main, name=f"{name}-{number}", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            log.warning("no further thread can start", extra={"begun": number, "wanted": count})
            break
        threads.append(thread)
    return threads
