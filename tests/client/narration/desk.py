"""Both true servers behind a ledger of calls, and runs of narrations on them."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx

from gpuvoice import ClientConfig, Patience, Recognition, Speech, Waiting
from gpuvoice.narration import Narration, Report, Segment, Settings, narrate
from gpuvoice.narration.outcome import Outcome

Body = dict[str, Any]
Before = Callable[[str, Body], "tuple[int, Body] | None"]
After = Callable[[str, Body, Body], Body]
# What a run asks to know whether its results still hold.
LOOKS = ("/health", "/ready")
TEXTS = {"one": "The first text.", "two": "A second text.", "three": "And the third text."}


class Ledger(httpx.BaseTransport):
    """Hands requests on and remembers them. `before` may change a request's body, or answer it
    itself with a status and a body; `after` may change the answer."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self._under_way = 0
        self.most_at_once = 0
        self.calls: list[tuple[str, Body]] = []
        self.before: Before = lambda path, body: None
        self.after: After = lambda path, asked, answered: answered

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path, body = request.url.path, json.loads(request.read() or b"{}")
        with self._lock:
            self.calls.append((path, dict(body)))
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            return self._answer(request, path, body)
        finally:
            with self._lock:
                self._under_way -= 1

    def close(self) -> None:
        self._inner.close()

    def _answer(self, request: httpx.Request, path: str, body: Body) -> httpx.Response:
        own = self.before(path, body)
        if own is not None:
            status, told = own
            return httpx.Response(status, json=told, headers={"Retry-After": "0"})
        content = json.dumps(body).encode() if request.method == "POST" else b""
        headers = [(k, v) for k, v in request.headers.items() if k.lower() != "content-length"]
        changed = httpx.Request(request.method, request.url, headers=headers, content=content)
        response = self._inner.handle_request(changed)
        response.read()
        if response.status_code != 200:
            return response
        return httpx.Response(200, json=self.after(path, body, response.json()))


class Follower:
    """A watch that remembers."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.finished: list[Outcome] = []
        self.waited: list[Waiting] = []

    def doing(self, segment_id: str, what: str) -> None:
        """Not remembered."""

    def done(self, outcome: Outcome) -> None:
        self.finished.append(outcome)

    def say(self, sentence: str) -> None:
        self.said.append(sentence)


class Desk:
    """Runs narrations; `speech` and `ears` are the ledgers of the two servers."""

    def __init__(self, config: ClientConfig, speech: Ledger, ears: Ledger) -> None:
        self._config = config
        self.speech, self.ears = speech, ears
        self.follower = Follower()

    def run(
        self,
        narration: Narration,
        folder: Path,
        *,
        follower: Follower | None = None,
        **settings: Any,
    ) -> Report:
        patience = Patience(busy_seconds=20, gone_seconds=20)
        self.follower = follower = follower or Follower()
        waited = follower.waited.append
        with (
            Speech(
                self._config, transport=self.speech, patience=patience, on_wait=waited
            ) as speech,
            Recognition(
                self._config, transport=self.ears, patience=patience, on_wait=waited
            ) as recognition,
        ):
            return narrate(
                narration,
                folder,
                speech=speech,
                recognition=recognition,
                settings=Settings(**settings),
                watch=follower,
            )

    def fresh_calls(self) -> Counter[str]:
        """Paths of all calls for work since this was asked last."""
        both = self.speech.calls + self.ears.calls
        self.speech.calls, self.ears.calls = [], []
        return Counter(path for path, _ in both if path not in LOOKS)


def narration_of(texts: dict[str, str] | Sequence[Segment], title: str = "Title") -> Narration:
    if isinstance(texts, dict):
        texts = [Segment(name, text) for name, text in texts.items()]
    return Narration(title, tuple(texts))
