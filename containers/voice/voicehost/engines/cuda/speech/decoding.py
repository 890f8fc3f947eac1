"""From codes to sound in small groups, since a whole batch at once takes the most memory of all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from voicehost.engines.cuda.card import MIB
from voicehost.engines.cuda.faults import is_out_of_memory
from voicehost.engines.cuda.memory import HEADROOM, release
from voicehost.engines.protocol import SPEECH_RATE, Audio

ROWS = 4
# Peak of one row of 325 frames (the package's chunk and its context) in float32, from the shapes of
# the published decoder; cuDNN's workspace comes on top.
ROW_MIB = 1100


class GroupedDecoder:
    """Takes the place of `decode` of Qwen3-TTS's speech tokenizer: `rows` texts at a time.

    `before` is called first. Short of memory it goes on with half as many rows, and keeps to that,
    so that no frame is computed again; `on_shortage` is called then. A row that does not fit alone
    comes back as None.
    """

    def __init__(
        self, decode: Any, *, before: Callable[[], None], on_shortage: Callable[[], None]
    ) -> None:
        self.rows = ROWS
        self._decode = decode
        self._before = before
        self._on_shortage = on_shortage

    def __call__(self, encoded: Sequence[Any]) -> tuple[list[Audio | None], int]:
        self._before()
        audios: list[Audio | None] = []
        waiting = list(encoded)
        while waiting:
            group = waiting[: self.rows]
            made = self._sound(group)
            if made is None:
                self._on_shortage()
                release()
                if len(group) > 1:
                    self.rows = max(1, len(group) // 2)
                    continue
                made = [None]
            audios += made
            waiting = waiting[len(group) :]
        return audios, SPEECH_RATE

    def _sound(self, group: Sequence[Any]) -> list[Audio | None] | None:
        """None where there was no memory."""
        spoken = [item for item in group if len(item["audio_codes"])]
        try:
            audios = iter(self._decode(spoken)[0] if spoken else [])
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            return None
        empty = np.zeros(0, np.float32)
        return [next(audios) if len(item["audio_codes"]) else empty for item in group]


def rows_to_decode(limit_mib: int, model_bytes: int) -> int:
    """How many texts to decode at once within a limit; no limit is 0."""
    if limit_mib == 0:
        return ROWS
    left = limit_mib * HEADROOM - model_bytes / MIB
    return max(1, min(ROWS, int(left // ROW_MIB)))
