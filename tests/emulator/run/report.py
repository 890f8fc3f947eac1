"""What the run prints: each step with its time as it happens, and what the host does meanwhile."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class StepFailed(Exception):
    """A step did not show what it must; the message is a sentence."""


def require(condition: object, sentence: str) -> None:
    """Raise StepFailed with this sentence unless the condition holds."""
    if not condition:
        raise StepFailed(sentence)


class Report:
    def __init__(self) -> None:
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self.steps = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Counts when it ends well."""
        began = self.seconds
        self.say(title)
        yield
        self.steps += 1
        self.say(f"{title}: done in {self.seconds - began:.1f} s")

    def say(self, text: str) -> None:
        with self._lock:
            sys.stdout.write(f"[{self.seconds:6.1f} s] {text}\n")
            sys.stdout.flush()

    def note(self, text: str) -> None:
        """A finding or an event inside a step."""
        self.say(f"    {text}")
