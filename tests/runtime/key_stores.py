"""Stores of keys on a clock that tests move, and what they have counted."""

from __future__ import annotations

import io
import json
from typing import Any

from tests.runtime.pretend_aws import REGION
from voicehost.aws.secrets import NamedKeys, Secret
from voicehost.key_store import KeySource, KeyStore
from voicehost.keys import KeyRing
from voicehost.telemetry.metrics import Metrics


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Stores:
    """Makes stores on one clock, and says what they counted."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.out = io.StringIO()
        self.metrics = Metrics("test", out=self.out)
        self.made: list[KeyStore] = []

    def make(self, *sources: KeySource, refresh_seconds: float = 1000) -> KeyStore:
        given = sources or (NamedKeys(Secret("keys", REGION)),)
        store = KeyStore(
            KeyRing(), given, metrics=self.metrics, refresh_seconds=refresh_seconds,
            clock=self.clock,
        )  # fmt: skip
        self.made.append(store)
        store.start()
        return store

    def counted(self, name: str) -> float:
        self.metrics.write()
        lines: list[dict[str, Any]] = [
            json.loads(line) for line in self.out.getvalue().split("\n")[:-1]
        ]
        return sum(sum(line.get(name, [])) for line in lines)


def found(store: KeyStore, clear: str) -> str | None:
    key = store.find(clear)
    return None if key is None else key.name
