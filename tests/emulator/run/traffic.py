"""Many clients at once, who note every answer and every failure."""

from __future__ import annotations

import threading
from collections import Counter
from types import TracebackType

import httpx

from tests.emulator.door import Door
from tests.emulator.emulator import Emulator

CLIENTS = 32
# Who sends without a breath on two cores measures the cores.
PAUSE_SECONDS = 0.05


class Traffic:
    """Clients send while the context lasts: speech with a key, and health of the other server."""

    def __init__(self, emulator: Emulator, host: str, key: str) -> None:
        self._door = Door(emulator, host)
        self._key = key
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send) for _ in range(CLIENTS)]
        self._slots: Counter[str] = Counter()
        self.failures: list[str] = []
        self.answers = 0

    def __enter__(self) -> Traffic:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._door.__exit__(kind, error, trace)

    def slots(self) -> Counter[str]:
        """Answers by slot since the last call of this."""
        with self._lock:
            found, self._slots = self._slots, Counter()
        return found

    def _send(self) -> None:
        number = 0
        while not self._stop.wait(PAUSE_SECONDS):
            number += 1
            try:
                if number % 2:
                    body = {"text": "Yes, please."}
                    answer = self._door.post("/tts/generate", body, X_API_Key=self._key)
                else:
                    answer = self._door.get("/whisperx/health")
            except httpx.HTTPError as error:
                self._note("", f"{type(error).__name__}: {error}")
                continue
            failure = (
                "" if answer.status_code == 200 else f"{answer.status_code} {answer.text[:80]}"
            )
            self._note(answer.headers.get("X-Voice-Slot", "?"), failure)

    def _note(self, slot: str, failure: str) -> None:
        with self._lock:
            self.answers += 1
            if failure:
                self.failures.append(failure)
            else:
                self._slots[slot] += 1
