"""Which models speak and listen: only servers that are awake know it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from gpuvoice.errors import NotReady
from gpuvoice.http import Server
from gpuvoice.narration.settings import Models, Settings
from gpuvoice.recognition import Recognition
from gpuvoice.speech import Speech

# A server that is ready and says that it sleeps has only just begun or ended to work.
AGAIN_SECONDS, TRIES = 1.0, 60


def ask_models(speech: Speech, recognition: Recognition, settings: Settings) -> Models:
    """Asked with patience: a server that sleeps is woken by this. Raises Unreachable, KeyRefused,
    RequestRefused, NotReady or ServerFailed."""
    heard = _told(recognition) if settings.listens else {}
    return Models.read(_told(speech), heard)


def _told(server: Server) -> dict[str, Any]:
    """`/health` of a server that works. Of one that sleeps the proxy tells what is usual, and what
    was made by guess would be made again when it is known better."""
    for number in range(TRIES):
        if number:
            time.sleep(AGAIN_SECONDS)
        asks = server.wait_until_ready()
        told = server.ask("GET", "/health")
        if not _sleeps(told, asks):
            return told
    raise NotReady(
        f"The {server.name} does not say which model it has ({told.get('message') or 'not loaded'})"
        ". Try again in a moment.",
        state=str(told.get("state") or ""),
    )


def _sleeps(health: Mapping[str, Any], has_ready: bool) -> bool:
    """One without /ready may load its model when the first text comes."""
    return bool(health.get("state")) or (has_ready and health.get("model_loaded") is False)
