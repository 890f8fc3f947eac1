"""The audio store that the settings ask for."""

from __future__ import annotations

import logging

from voicehost.blobs.protocol import Blobs
from voicehost.memory.store import AudioStore
from voicehost.settings import VoiceHostSettings
from voicehost.telemetry.metrics import Metrics
from voicehost.web.bodies import MIB

log = logging.getLogger(__name__)


def audio_store(
    settings: VoiceHostSettings, blobs: Blobs | None, metrics: Metrics
) -> AudioStore | None:
    """Also one that is off, which clears away what it left on a disk; None without a place."""
    if blobs is None:
        if settings.store_days:
            log.warning("VOICE_STORE_DAYS needs VOICE_DATA or a bucket: nothing is kept")
        return None
    return AudioStore(blobs, metrics, days=settings.store_days, most_bytes=settings.store_mib * MIB)
