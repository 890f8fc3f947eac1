"""Whether this process is about to end: it answers what is under way, and takes nothing more."""

from __future__ import annotations

import threading

# Set once, by gunicorn's worker. An answer that could go on for hours ends early then.
ending = threading.Event()
