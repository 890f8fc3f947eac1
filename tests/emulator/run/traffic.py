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
PAUSE_SECONDS = 1.5
# What each client sends in turn; neighbours begin at different places.
KINDS = ("speak", "hear", "speak", "look")


class Traffic:
    """Clients send while the context lasts: speech and a spoken `clip` to write down, both with a
    key, and health."""

    def __init__(self, emulator: Emulator, host: str, key: str, clip: str) -> None:
        self._door = Door(emulator, host)
        self._key, self._clip = key, clip
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._send, args=(client,)) for client in range(CLIENTS)
        ]
        self._slots: Counter[str] = Counter()
        self.failures: list[str] = []
        # Good ones, by client.
        self.answers: Counter[int] = Counter(dict.fromkeys(range(CLIENTS), 0))

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
        """Good answers by slot since the last call of this."""
        with self._lock:
            found, self._slots = self._slots, Counter()
        return found

    def _send(self, client: int) -> None:
        number = client
        while not self._stop.wait(PAUSE_SECONDS):
            number += 1
            try:
                slot, failed = self._call(KINDS[number % len(KINDS)])
            except Exception as error:  # whatever it is, this client got no answer
                slot, failed = "", f"{type(error).__name__}: {error}"
            self._note(client, slot, failed)

    def _call(self, kind: str) -> tuple[str, str]:
        """The slot that answered, and what is wrong with its answer."""
        if kind == "look":
            answer = self._door.get("/whisperx/health")
        elif kind == "hear":
            body = {"audio": self._clip}
            answer = self._door.post("/whisperx/transcribe", body, X_API_Key=self._key)
        else:
            body = {"text": "Yes, please."}
            answer = self._door.post("/tts/generate", body, X_API_Key=self._key)
        return answer.headers.get("X-Voice-Slot", "?"), failure(answer, work=kind != "look")

    def _note(self, client: int, slot: str, failed: str) -> None:
        with self._lock:
            if failed:
                self.failures.append(failed)
            else:
                self.answers[client] += 1
                self._slots[slot] += 1


def failure(answer: httpx.Response, *, work: bool = True) -> str:
    """What a caller would miss: a call of work may fail after its status was sent."""
    good = answer.status_code == 200 and (not work or answer.json().get("success") is True)
    return "" if good else f"{answer.status_code} {answer.text.strip()[:80]}"
