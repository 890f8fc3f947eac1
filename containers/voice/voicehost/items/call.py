"""A batch call, taken apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from voicehost.errand import Errand

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class BatchCall:
    """`split(body)` checks all that can be checked before any work, and gives single requests that
    JSON can hold, with all that was left to chance decided. `perform(errand, item)` does one, on
    any thread, waiting for room in the queue, and gives its result for JSON. Both raise VoiceError.

    `body_mib` limits the body; `schedulers` are those that it needs.
    """

    path: str
    model: type[BaseModel]
    split: Callable[[Any], list[Item]]
    perform: Callable[[Errand, Item], dict[str, Any]]
    body_mib: int
    schedulers: Sequence[str]
