"""From codes to sound in small groups, since a whole batch at once takes the most memory of all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from voicehost.engines.cuda.memory import is_out_of_memory, release
from voicehost.engines.protocol import SPEECH_RATE

ROWS = 4


def in_groups(decode: Any, *, before: Callable[[], None], on_shortage: Callable[[], None]) -> Any:
    """`decode` of Qwen3-TTS's speech tokenizer, a few rows at a time, longest texts included.

    `before` is called first. Short of memory it goes on row by row, so that no frame is computed
    again; `on_shortage` is called then. Raises the out-of-memory error of a single row.
    """

    def decode_groups(encoded: Sequence[Any]) -> tuple[list[Any], int]:
        before()
        audios: list[Any] = []
        waiting = list(encoded)
        rows = ROWS
        while waiting:
            group = waiting[:rows]
            made = _decode(decode, group, last=rows == 1)
            if made is None:
                on_shortage()
                release()
                rows = 1
                continue
            audios += made
            waiting = waiting[len(group) :]
        return audios, SPEECH_RATE

    return decode_groups


def _decode(decode: Any, group: Sequence[Any], *, last: bool) -> list[Any] | None:
    """None when there was no memory and smaller groups are left to try."""
    spoken = [item for item in group if len(item["audio_codes"])]
    try:
        audios = iter(decode(spoken)[0] if spoken else [])
    except (RuntimeError, MemoryError) as error:
        if last or not is_out_of_memory(error):
            raise
        return None
    empty = np.zeros(0, np.float32)
    return [next(audios) if len(item["audio_codes"]) else empty for item in group]
