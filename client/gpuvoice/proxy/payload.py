"""JSON that came from elsewhere: whatever it is, reading it is no fault of the proxy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def parsed(data: bytes) -> Any:
    """Raises ValueError for what is no JSON, or is nested deeper than can be read."""
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("nested too deep") from None


def sentence_in(found: Mapping[str, Any]) -> str:
    """What an error says, on its own or in the shape of OpenAI's; "" where it says nothing."""
    error = found.get("error")
    if isinstance(error, Mapping):
        error = error.get("message")
    return error if isinstance(error, str) else ""


def object_in(data: bytes) -> dict[str, Any]:
    """Empty where there is none."""
    try:
        found = parsed(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
