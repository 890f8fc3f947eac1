"""The apps in this process, with real engines, for tests of single requests."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from flask import Flask
from flask.testing import FlaskClient
from numpy.typing import NDArray

from tests.patience import until
from tests.runtime.key_stores import Stores
from tests.runtime.pretend_aws import PretendAws, pretend_aws
from tests.runtime.pretend_nvml.library import PretendNvml
from voicehost.app import create_app, host
from voicehost.audio.wav import pcm16
from voicehost.engines.cpu_voice import CpuVoice
from voicehost.engines.families import hearing_engines, speech_engine
from voicehost.engines.protocol import SpeechInput
from voicehost.queueing.batch import Batch
from voicehost.queueing.ticket import Ticket
from voicehost.settings import VoiceHostSettings

MakeApp = Callable[..., Flask]


def started(app: Flask) -> Flask:
    host(app).keys.start()
    for scheduler in host(app).schedulers.values():
        scheduler.start()
    until(lambda: host(app).ready, 120)
    return app


@pytest.fixture(scope="session")
def voice() -> Iterator[FlaskClient]:
    """The text-to-speech server with the real voice."""
    settings = VoiceHostSettings()
    app = started(create_app(speech_engine(settings), settings))
    yield app.test_client()
    host(app).close()


@pytest.fixture(scope="session")
def ears() -> Iterator[FlaskClient]:
    """The WhisperX server with the real ears."""
    settings = VoiceHostSettings()
    app = started(create_app(hearing_engines(settings), settings))
    yield app.test_client()
    host(app).close()


@pytest.fixture(scope="session")
def clip() -> NDArray[np.int16]:
    """A sentence that the real voice says: mono, 24 kHz, 16 bit."""
    voice = CpuVoice()
    voice.load(lambda what, fraction: None)
    said = "The river was straightened in 1962, and for sixty years nobody asked why."
    ticket = Ticket([SpeechInput(said)], key="")
    voice.run(Batch(ticket.works))
    return pcm16(ticket.outcomes()[0].audio)


@pytest.fixture
def clock_app() -> Iterator[MakeApp]:
    """Makes text-to-speech servers with the clock engine, a thousand times faster by default."""
    made: list[Flask] = []

    def make(server: str = "tts", **given: Any) -> Flask:
        settings = VoiceHostSettings(**{"engine": "clock", "clock_speed": 1000.0, **given})
        engine = speech_engine(settings) if server == "tts" else hearing_engines(settings)
        made.append(started(create_app(engine, settings)))
        return made[-1]

    yield make
    for app in made:
        host(app).close()


def read_wav(text: str) -> tuple[NDArray[np.float32], int]:
    """Samples and rate of a base64 WAV."""
    with soundfile.SoundFile(io.BytesIO(base64.b64decode(text, validate=True))) as file:
        assert (file.format, file.subtype, file.channels) == ("WAV", "PCM_16", 1)
        return file.read(dtype="float32"), file.samplerate


def sound_base64(
    audio: NDArray[np.float32], rate: int = 24000, kind: str = "WAV", channels: int = 1
) -> str:
    """A base64 audio file of these samples."""
    out = io.BytesIO()
    soundfile.write(out, np.stack([audio] * channels, axis=1), rate, format=kind)
    return base64.b64encode(out.getvalue()).decode()


@pytest.fixture
def aws() -> Iterator[PretendAws]:
    """Secrets Manager and S3, empty, for boto3 of this process."""
    with pretend_aws({}) as running:
        yield running


@pytest.fixture
def stores() -> Iterator[Stores]:
    made = Stores()
    yield made
    for store in made.made:
        store.close()


@pytest.fixture
def nvml(tmp_path: Path) -> PretendNvml:
    """A driver's library that answers for one card."""
    made = PretendNvml(tmp_path)
    made.answer()
    return made
