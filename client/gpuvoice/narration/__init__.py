"""A narrated presentation: spoken, listened to, timed and subtitled, and gone on with after any
interruption. See docs/narrate.md."""

from __future__ import annotations

from gpuvoice.narration.performance import Watch, narrate
from gpuvoice.narration.report import Report
from gpuvoice.narration.script import Narration, Segment, read_narration
from gpuvoice.narration.settings import Settings

__all__ = ["Narration", "Report", "Segment", "Settings", "Watch", "narrate", "read_narration"]
