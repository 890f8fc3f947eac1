"""What gunicorn calls in its worker: the apps of this container, loading their models."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable

from flask import Flask

from voicehost.adopted.engine import AdoptedEngine
from voicehost.app import create_app, host
from voicehost.engines.families import hearing_engines, speech_engine
from voicehost.engines.protocol import HearingEngines, LoadError, SpeechEngine
from voicehost.settings import VoiceHostSettings

log = logging.getLogger(__name__)
Engines = SpeechEngine | HearingEngines | AdoptedEngine


def tts() -> Flask:
    def engine(settings: VoiceHostSettings) -> Engines:
        return AdoptedEngine("tts", settings) if settings.tts_app else speech_engine(settings)

    return _started(engine)


def whisperx() -> Flask:
    def engines(settings: VoiceHostSettings) -> Engines:
        if settings.whisperx_app:
            return AdoptedEngine("whisperx", settings)
        return hearing_engines(settings)

    return _started(engines)


def _started(engine: Callable[[VoiceHostSettings], Engines]) -> Flask:
    settings = VoiceHostSettings.from_env()
    try:
        app = create_app(engine(settings), settings)
    except LoadError as error:
        # gunicorn logs the exception that ends its worker, without its words.
        log.error("the server cannot start: %s", error)
        raise
    host(app).start()
    atexit.register(host(app).close)
    return app
