"""What the run prints: one line for each check, and how long the long parts took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Report:
    def __init__(self) -> None:
        self._began = time.monotonic()
        self.passed = self.failed = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def check(self, name: str, good: object, note: object = "") -> None:
        self.passed += bool(good)
        self.failed += not good
        self.say(f"{'ok  ' if good else 'FAIL'}  {name}" + (f"  ({note})" if note else ""))

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A part that takes long: said before it begins and when it is over."""
        began = self.seconds
        self.say(f"{title} ...")
        yield
        self.say(f"{title}: {self.seconds - began:.0f} s")

    def say(self, text: str) -> None:
        sys.stdout.write(f"[{self.seconds:4.0f} s] {text}\n")
        sys.stdout.flush()

    def summary(self) -> str:
        return f"{self.passed} passed, {self.failed} failed"
