"""The written presentation: a title, and the segments that a voice reads."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gpuvoice.errors import ConfigError

# Ids name files, on every system.
SAFE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?")
RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
LONGEST_SHOWN = 80
OPTIONAL = ("instruct", "voice", "language")
SHAPE = '{"segments": [{"id": "s01", "text": "Welcome."}, ...]}'


@dataclass(frozen=True)
class Segment:
    """One text spoken in one go. `instruct` says how, `voice` who, `language` is an ISO code;
    empty: as usual."""

    id: str
    text: str
    instruct: str = ""
    voice: str = ""
    language: str = ""


@dataclass(frozen=True)
class Narration:
    """A presentation, its segments in the order in which they are heard."""

    title: str
    segments: tuple[Segment, ...]


def read_narration(path: Path) -> Narration:
    """Read `{"title"?, "segments": [{"id", "text", "instruct"?, "voice"?, "language"?}]}`, a plain
    list of such segments, or a `.txt` whose paragraphs are the segments.

    Other fields are left alone. Raises ConfigError, which names the segment.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is no text in UTF-8.") from None
    if not text.strip():
        raise ConfigError(f"{path} is empty.")
    if path.suffix.lower() == ".txt":
        return _told(path, path.stem, _paragraphs(text))
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {error.msg}"
        raise ConfigError(f"{path} is no JSON: {where}.") from None
    except RecursionError:
        raise ConfigError(f"{path} is no narration. Write it like {SHAPE}") from None
    title: object = path.stem
    if isinstance(data, dict):
        title, data = data.get("title") or path.stem, data.get("segments")
    if not isinstance(data, list) or not isinstance(title, str):
        raise ConfigError(f"{path} is no narration. Write it like {SHAPE}")
    return _told(path, title, [_segment(path, n, entry) for n, entry in enumerate(data, start=1)])


def _told(path: Path, title: str, segments: Sequence[Segment]) -> Narration:
    if not segments:
        raise ConfigError(f"{path} has no segments.")
    seen: dict[str, str] = {}
    for segment in segments:
        # Some file systems take a.wav and A.wav for one file.
        other = seen.get(segment.id.lower())
        if other is not None:
            too = "" if other == segment.id else f" (or {other!r})"
            raise ConfigError(f"{path}: two segments have the id {segment.id!r}{too}.")
        seen[segment.id.lower()] = segment.id
    return Narration(title, tuple(segments))


def _segment(path: Path, number: int, entry: object) -> Segment:
    if not isinstance(entry, dict):
        raise ConfigError(f"{path}: segment {number} must be an object with an id and a text.")
    name = entry.get("id")
    if not isinstance(name, str) or not SAFE.fullmatch(name) or RESERVED.fullmatch(name):
        raise ConfigError(
            f"{path}: segment {number} needs an id that can name a file: at most 64 letters, "
            f"digits, '-', '_' and '.', as in s01; it has {_short(name)}."
        )
    return Segment(name, _text(path, name, entry), **_manner(path, name, entry))


def _short(name: object) -> str:
    written = repr(name)
    return written if len(written) <= LONGEST_SHOWN else f"{written[:LONGEST_SHOWN]}..."


def _text(path: Path, name: str, entry: Mapping[str, Any]) -> str:
    text = entry.get("text")
    if not isinstance(text, str) or not text.strip():
        raise ConfigError(f"{path}: segment {name!r} has no text.")
    return text


def _manner(path: Path, name: str, entry: Mapping[str, Any]) -> dict[str, str]:
    manner = {field: entry.get(field) or "" for field in OPTIONAL}
    wrong = [field for field, value in manner.items() if not isinstance(value, str)]
    if wrong:
        raise ConfigError(f"{path}: {wrong[0]} of segment {name!r} must be a text.")
    return manner


def _paragraphs(text: str) -> list[Segment]:
    """Named by what they say, so that a new paragraph leaves those behind it alone."""
    segments: list[Segment] = []
    for paragraph in re.split(r"\n\s*\n", text):
        said = " ".join(paragraph.split())
        if said:
            name = "p" + hashlib.sha256(said.encode()).hexdigest()[:8]
            again = sum(segment.id.split("-")[0] == name for segment in segments)
            segments.append(Segment(f"{name}-{again + 1}" if again else name, said))
    return segments
