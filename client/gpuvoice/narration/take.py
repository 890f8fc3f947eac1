"""A clip that is kept, with all that is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from gpuvoice.results import Alignment


@dataclass(frozen=True)
class Heard:
    """What a recognition model hears in the clip; `key` says which model in which clip."""

    key: str
    text: str


@dataclass(frozen=True)
class Times:
    """When the words are said; `key` says of which text, by which model, in which clip."""

    key: str
    alignment: Alignment


@dataclass(frozen=True)
class Take:
    """The best of `attempts` takes. `key` is of what was asked for, `sha256` of the WAV file;
    `call_seconds` is how long the call took that made it, waiting in the queue included. Of a
    `steady` one another seed gives the same again."""

    key: str
    sha256: str
    attempts: int
    duration_s: float
    call_seconds: float
    silent: bool
    steady: bool = False
    seed: int | None = None
    finish_reason: str | None = None
    heard: Heard | None = None
    times: Times | None = None

    @property
    def cut_off(self) -> bool:
        """Whether the model found no end."""
        return self.finish_reason == "length"

    def as_json(self) -> dict[str, Any]:
        """What `read` reads."""
        return asdict(self)

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Take:
        """Raises KeyError, TypeError, ValueError or AttributeError for anything else."""
        heard, times = data["heard"], data["times"]
        return cls(
            str(data["key"]),
            str(data["sha256"]),
            int(data["attempts"]),
            float(data["duration_s"]),
            float(data["call_seconds"]),
            bool(data["silent"]),
            bool(data["steady"]),
            None if data["seed"] is None else int(data["seed"]),
            None if data["finish_reason"] is None else str(data["finish_reason"]),
            None if heard is None else Heard(str(heard["key"]), str(heard["text"])),
            None if times is None else Times(str(times["key"]), Alignment.read(times["alignment"])),
        )
