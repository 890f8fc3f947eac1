"""What OpenAI's clients had spoken is not spoken again, in whatever format they ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.runtime.diced_voice import DicedVoice
from tests.runtime.stores import kept, opening

LONG = " ".join(["The ferry leaves at nine, and nobody knows when it comes back."] * 12)


def say(app: Flask, **more: Any) -> TestResponse:
    body = {"model": "tts-1", "voice": "ryan", "input": LONG, "response_format": "pcm", **more}
    return app.test_client().post("/v1/audio/speech", json=body, buffered=True)


def test_a_kept_clip_is_sent_whole_and_is_the_one_that_was_streamed(tmp_path: Path) -> None:
    voice = DicedVoice()
    with opening(tmp_path) as make:
        app = make(voice)
        streamed = say(app)
        assert "Content-Length" not in streamed.headers
        assert streamed.headers["X-Voice-Reused"] == "false"
        kept(tmp_path, 2)
        spoken = len(voice.spoken)
        again = say(app)
        assert again.data == streamed.data
        assert again.headers["X-Voice-Reused"] == "true"
        assert again.headers["X-Voice-Seed"] == streamed.headers["X-Voice-Seed"]
        assert int(again.headers["Content-Length"]) == len(again.data)
        assert say(app, response_format="mp3").status_code == 200
        assert len(voice.spoken) == spoken
