"""A text-to-speech server whose voice takes a step for each byte in a pipe."""

from __future__ import annotations

import os

from flask import Flask

from voicehost.app import create_app, host
from voicehost.engines.clock import ClockVoice
from voicehost.engines.step_cost import CURVES
from voicehost.settings import VoiceHostSettings

PIPE = "HELD_VOICE_PIPE"


def tts() -> Flask:
    """What gunicorn serves."""
    pipe = os.open(os.environ[PIPE], os.O_RDWR)

    def step(seconds: float) -> None:
        os.read(pipe, 1)

    settings = VoiceHostSettings.from_env()
    app = create_app(ClockVoice(CURVES["t4"], rows=1, sleep=step), settings)
    host(app).start()
    return app
