"""Transcripts and alignments in the audio store, as JSON: every time is kept exactly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from voicehost.alignment.words import AlignedWord
from voicehost.engines.protocol import AlignInput, Segment, TranscribeInput, Transcript
from voicehost.errors import VoiceError
from voicehost.host import Host
from voicehost.memory.names import heard_name
from voicehost.memory.store import AudioStore
from voicehost.memory.wish import Wish

Heard = TranscribeInput | AlignInput


class Hearing:
    """The recordings of one call: what is kept of them, and what has to be heard.

    `name` is the scheduler's: transcribe or align.
    """

    def __init__(self, host: Host, name: str, inputs: Sequence[Heard], wish: Wish) -> None:
        self._inputs = inputs
        self._names: list[str] = []
        self._store: AudioStore | None = None
        self._found: list[Any] = [None for _ in inputs]
        engine = host.schedulers[name].engine.fingerprint
        if host.memory is None or not host.memory.on or engine is None or wish is Wish.NEITHER:
            return
        self._store = host.memory
        self._names = [heard_name(name, heard, engine=engine) for heard in inputs]
        if wish is Wish.USE:
            self._found = self._store.find(self._names, _result)

    def payloads(self) -> list[Heard]:
        """What the engine has to hear, in order."""
        return [
            heard for heard, found in zip(self._inputs, self._found, strict=True) if found is None
        ]

    def outcomes(self, results: Sequence[Any | VoiceError]) -> list[Any]:
        """One for each input, of what was found and of the results for `payloads()`."""
        rest = iter(results)
        outcomes = [next(rest) if found is None else found for found in self._found]
        if self._store is not None:
            for name, found, outcome in zip(self._names, self._found, outcomes, strict=True):
                if found is None and not isinstance(outcome, VoiceError):
                    _keep(self._store, name, outcome)
        return outcomes


def _keep(store: AudioStore, name: str, outcome: Transcript | list[AlignedWord]) -> None:
    kept = [asdict(each) for each in outcome] if isinstance(outcome, list) else asdict(outcome)
    body = json.dumps(kept, default=float).encode()
    store.keep([name], {}, lambda: body, len(body))


def _result(head: dict[str, Any], body: bytes) -> Transcript | list[AlignedWord]:
    kept = json.loads(body)
    if isinstance(kept, list):
        return [AlignedWord(**word) for word in kept]
    segments = tuple(Segment(**segment) for segment in kept.pop("segments"))
    return Transcript(**kept, segments=segments)
