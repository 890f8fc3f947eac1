"""The text-to-speech server on a device that holds two rows and no more, for gunicorn.

The model's own pass raises what PyTorch raises on a full GPU; all behind it is the true server.
"""

from __future__ import annotations

import atexit
from typing import Any

import torch
from flask import Flask

from voicehost.app import create_app, host
from voicehost.engines.families import speech_engine
from voicehost.engines.protocol import Report
from voicehost.settings import VoiceHostSettings

ROWS = 2


def tts() -> Flask:
    settings = VoiceHostSettings.from_env()
    engine: Any = speech_engine(settings)
    load = engine.load

    def load_into_little(report: Report) -> None:
        load(report)
        talker = engine._tts.model.talker.model
        talker.register_forward_pre_hook(_refuse_more, with_kwargs=True)

    engine.load = load_into_little
    app = create_app(engine, settings)
    host(app).start()
    atexit.register(host(app).close)
    return app


def _refuse_more(module: Any, arguments: Any, named: dict[str, Any]) -> None:
    if named["inputs_embeds"].shape[0] > ROWS:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
