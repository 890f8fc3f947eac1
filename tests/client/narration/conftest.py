"""Desks: with engines that only take time, in this process, and with a true voice and ears."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from flask import Flask

from gpuvoice import ClientConfig
from tests.client.narration.desk import Desk, Ledger
from tests.runtime.conftest import started
from tests.servers import Running
from voicehost.app import create_app, host
from voicehost.engines.families import hearing_engines, speech_engine
from voicehost.settings import VoiceHostSettings


@pytest.fixture(scope="session")
def clock_pair() -> Iterator[tuple[Flask, Flask]]:
    """Both servers with the clock engine, a thousand times faster than it."""
    settings = VoiceHostSettings(engine="clock", clock_speed=1000.0)
    apps = [
        started(create_app(engines, settings))
        for engines in (speech_engine(settings), hearing_engines(settings))
    ]
    yield apps[0], apps[1]
    for app in apps:
        host(app).close()


@pytest.fixture
def desk(clock_pair: tuple[Flask, Flask]) -> Desk:
    voice, ears = (Ledger(httpx.WSGITransport(app)) for app in clock_pair)
    return Desk(ClientConfig(), voice, ears)


@pytest.fixture
def true_desk(cpu_servers: Running) -> Desk:
    config = ClientConfig(speech_url=cpu_servers.tts, recognition_url=cpu_servers.whisperx)
    return Desk(config, Ledger(httpx.HTTPTransport()), Ledger(httpx.HTTPTransport()))
