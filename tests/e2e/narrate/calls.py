"""A narration of a whole script, and how to ask a server for it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests import web

SCRIPT = Path(__file__).parents[3] / "examples/narration.json"
TEXTS: list[str] = [segment["text"] for segment in json.loads(SCRIPT.read_text())["segments"]]
# The laptop's ears mishear dates and hours ("a.m.", "6:45"): 13 % at most in this script.
SMALL_EARS = 0.2
INTERNAL = {"X-Voice-Internal": "1"}
SENTENCE = re.compile(r"[^.!?\d]*(?<!Dr)(?<!Mr)(?<!Mrs)(?<!Ms)[.!?](?=\s|$)")


def narrate(url: str, body: dict[str, Any], seconds: float = 1400) -> dict[str, Any]:
    """The answer of `/narrate`."""
    answer = web.post(f"{url}/narrate", json=body, timeout=seconds)
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def activity(url: str) -> dict[str, Any]:
    found: dict[str, Any] = web.get(f"{url}/internal/activity", headers=INTERNAL).json()
    return found


def is_quiet(url: str) -> bool:
    """Whether nothing is under way and nothing waits."""
    now = activity(url)
    return bool(now["in_flight"] == now["queue_depth"] == 0)


def first_sentence(text: str) -> str:
    """Where its words are read as they are written; else nothing."""
    found = SENTENCE.match(text)
    return found.group() if found else ""


def marked(text: str) -> str:
    """The text with a marker at both edges of each word: `sN` and `eN`."""
    return " ".join(f"{{#s{i}}}{word}{{e{i}#}}" for i, word in enumerate(text.split()))
