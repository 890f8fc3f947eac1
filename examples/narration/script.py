"""The written presentation: a title and the segments a voice will read."""

import json
from dataclasses import dataclass
from pathlib import Path

from examples.narration.failures import UnreadableNarration


@dataclass(frozen=True)
class Segment:
    """One text spoken in one go; `instruct` tells the voice how (empty: as usual)."""

    id: str
    text: str
    instruct: str = ""


@dataclass(frozen=True)
class Narration:
    """A presentation, its segments in the order they are heard."""

    title: str
    segments: tuple[Segment, ...]


def read_narration(path: Path) -> Narration:
    """Read `{"title": ..., "segments": [{"id", "text", "instruct"?}, ...]}`.

    Raises UnreadableNarration when the file is not there or not like this.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Narration(data["title"], tuple(Segment(**entry) for entry in data["segments"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnreadableNarration(f"Cannot read the narration {path}: {error}") from error
