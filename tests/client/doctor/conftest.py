"""Servers to examine: two true ones with a key, and a deployment that sleeps."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.models import ServiceQuotasBackend

from gpuvoice.config import ClientConfig
from tests.client.doctor.sleeping import SleepingDoor
from tests.power.conftest import account, house
from tests.power.house import House
from tests.servers import Running, running_servers

__all__ = ["account", "house"]

SECRET = "gv_doctor-s"
SLIDES = "https://slides.example.com"
ON_DEMAND, SPOT = "L-DB2E81BA", "L-3819A6DF"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def slot_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """As in the blue slot: with a key, one origin, a slot and a release."""
    settings = {
        "VOICE_ENGINE": "clock",
        "VOICE_KEYS": f"alice=sha256:{hashlib.sha256(SECRET.encode()).hexdigest()}",
        "VOICE_CORS_ORIGINS": SLIDES,
        "VOICE_SLOT": "blue",
        "VOICE_RELEASE": "v1",
    }
    with running_servers(tmp_path_factory.mktemp("slot"), settings) as running:
        yield running


@pytest.fixture
def door(house: House) -> SleepingDoor:
    return SleepingDoor(house)


@pytest.fixture
def quotas(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """vCPUs by quota code. The pretended service knows no quota of EC2 by itself."""
    allowed = {ON_DEMAND: 16.0, SPOT: 16.0}

    def answer(self: ServiceQuotasBackend, service_code: str, quota_code: str) -> dict[str, Any]:
        if service_code != "ec2" or quota_code not in allowed:
            raise NoSuchResource
        return {"QuotaCode": quota_code, "Value": allowed[quota_code]}

    monkeypatch.setattr(ServiceQuotasBackend, "get_service_quota", answer)
    return allowed


def config_of(running: Running, key: str = SECRET) -> ClientConfig:
    """As a client would have it, with nothing of this machine's own settings in it."""
    environ = {
        "TTS_SERVER_URL": running.tts, "WHISPER_URL": running.whisperx, "TTS_API_KEY": key,
    }  # fmt: skip
    return ClientConfig.resolve(environ={k: v for k, v in environ.items() if v})
