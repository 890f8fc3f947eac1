"""JSON that came from elsewhere: whatever it is, reading it is no fault of the proxy."""

from __future__ import annotations

import json
from typing import Any


def parsed(data: bytes) -> Any:
    """Raises ValueError for what is no JSON, or is nested deeper than can be read."""
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("nested too deep") from None


def object_in(data: bytes) -> dict[str, Any]:
    """Empty where there is none."""
    try:
        found = parsed(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
