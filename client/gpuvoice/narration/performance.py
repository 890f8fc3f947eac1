"""A whole presentation: every segment performed, every result kept, all of it delivered."""

from __future__ import annotations

import json
import time
from contextlib import closing
from pathlib import Path
from typing import Protocol

from gpuvoice.narration.crew import Crew
from gpuvoice.narration.delivery import Part, deliver
from gpuvoice.narration.inventory import Inventory
from gpuvoice.narration.lock import locked
from gpuvoice.narration.models import ask_models
from gpuvoice.narration.outcome import Outcome
from gpuvoice.narration.report import Report
from gpuvoice.narration.script import Narration
from gpuvoice.narration.settings import Settings
from gpuvoice.narration.shelf import Shelf
from gpuvoice.narration.sound import read_wav
from gpuvoice.narration.studio import Studio
from gpuvoice.narration.take import Take
from gpuvoice.narration.whole_file import write_whole
from gpuvoice.narration.word_errors import require
from gpuvoice.recognition import Recognition
from gpuvoice.speech import Speech

CLIPS, REPORT = "clips", "report.json"


class Watch(Protocol):
    """Who follows a run; threads call all of these."""

    def doing(self, segment_id: str, what: str) -> None: ...
    def done(self, outcome: Outcome) -> None: ...
    def say(self, sentence: str) -> None: ...


def narrate(
    narration: Narration,
    folder: Path,
    *,
    speech: Speech,
    recognition: Recognition,
    settings: Settings,
    watch: Watch,
) -> Report:
    """Perform what is missing or changed and write the files; see docs/narrate.md.

    Segments that the servers refuse are told in the report; the files of the whole are written
    only when every segment has a clip. Raises ConfigError while another run works in the folder,
    MissingExtra, and what concerns all segments: Unreachable, KeyRefused, NotReady.
    """
    if settings.verify is not None:
        require()
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        began = time.monotonic()
        shelf = Shelf(folder / CLIPS)
        removed = _cleared(narration, shelf, Inventory(folder), watch)
        models = ask_models(speech, recognition, settings)
        studio = Studio(speech, recognition, shelf, settings, models)
        done: dict[str, Outcome] = {}
        with (
            closing(shelf),
            Crew(narration.segments, studio.perform, watch.doing, settings.parallel) as crew,
        ):
            for outcome in crew.outcomes():
                done[outcome.segment.id] = outcome
                watch.done(outcome)
        in_order = tuple(done[segment.id] for segment in narration.segments)
        report = Report(narration.title, in_order, time.monotonic() - began, removed)
        if report.complete:
            parts = [
                _part(outcome, outcome.take, shelf, settings.align)
                for outcome in in_order
                if outcome.take
            ]
            deliver(folder, narration.title, parts, settings.gap_seconds)
        write_whole(folder / REPORT, json.dumps(report.as_json(), indent=1).encode())
        return report


def _cleared(
    narration: Narration, shelf: Shelf, inventory: Inventory, watch: Watch
) -> tuple[str, ...]:
    """Remove clips of segments that are there no more: only those that a run wrote here."""
    wanted = [segment.id for segment in narration.segments]
    now = {name.lower(): name for name in wanted}
    before = inventory.ids()
    gone = [each for each in before if each.lower() not in now]
    for each in before:
        name = now.get(each.lower(), each)
        if name != each:
            shelf.rename(each, name)
    inventory.write([*wanted, *gone])
    removed = tuple(each for each in gone if shelf.remove(each))
    inventory.write(wanted)
    if removed:
        watch.say(f"Removed the clips of segments that are there no more: {', '.join(removed)}.")
    return removed


def _part(outcome: Outcome, take: Take, shelf: Shelf, timed: bool) -> Part:
    segment = outcome.segment
    clip = shelf.clip(segment.id)
    return Part(
        segment.id,
        segment.text,
        f"{CLIPS}/{clip.name}",
        read_wav(clip.read_bytes()),
        take.times.alignment if timed and take.times else None,
        outcome.comparison,
    )
