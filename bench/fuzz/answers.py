"""What came back for one request, and what was wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CLOSED = 0
ANSWER_SECONDS = 60.0
SHOWN_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` is CLOSED when the connection ended without one; header names are lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0
    method: str = "POST"

    def json(self) -> Any:
        """The parsed body, or None when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule that an answer broke."""

    check: str
    detail: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case after it was sent. `reached` says that an engine worked and succeeded."""

    endpoint: str
    status: int
    seconds: float
    reached: bool = False
    faults: tuple[Fault, ...] = ()
    reproduction: str = ""


def shortened(text: str) -> str:
    """The text in one line of at most SHOWN_CHARACTERS."""
    line = text.replace("\r", "\\r").replace("\n", "\\n")
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 4] + " ..."
