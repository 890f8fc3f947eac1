"""What gunicorn calls in its worker: the apps of this container, loading their models."""

from __future__ import annotations

import atexit

from flask import Flask

from voicehost.app import create_app, host
from voicehost.engines.families import hearing_engines, speech_engine
from voicehost.settings import VoiceHostSettings


def tts() -> Flask:
    settings = VoiceHostSettings.from_env()
    return _started(create_app(speech_engine(settings), settings))


def whisperx() -> Flask:
    settings = VoiceHostSettings.from_env()
    return _started(create_app(hearing_engines(settings), settings))


def _started(app: Flask) -> Flask:
    host(app).start()
    atexit.register(host(app).close)
    return app
