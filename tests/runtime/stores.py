"""Servers that keep what they make, and what lies in their folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from tests.patience import until
from tests.runtime.conftest import started
from voicehost.app import create_app, host
from voicehost.engines.protocol import HearingEngines, SpeechEngine
from voicehost.settings import VoiceHostSettings

Open = Callable[..., Flask]


@contextmanager
def opening(folder: Path) -> Iterator[Open]:
    """Makes servers of an engine that share a folder and keep things for a day."""
    made: list[Flask] = []

    def make(engine: SpeechEngine | HearingEngines, **given: Any) -> Flask:
        settings = VoiceHostSettings(**{"data": folder, "store_days": 1, **given})
        made.append(started(create_app(engine, settings)))
        return made[-1]

    yield make
    for app in made:
        host(app).close()


def entries(folder: Path) -> list[Path]:
    """The files of the store, in any order; a sweep may take some away meanwhile."""
    walk = os.walk(folder / "store")
    return [Path(at, name) for at, _, names in walk for name in names if name[0] != "."]


def kept(folder: Path, count: int) -> None:
    """Wait until so many entries are written."""
    until(lambda: len(entries(folder)) >= count)
    assert len(entries(folder)) == count
