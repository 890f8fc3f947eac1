"""Real servers with a key, a deployment that sleeps, and the proxy before each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import httpx
import pytest

from tests import web
from tests.client.proxy.running import SECRET, Proxied, proxy_before
from tests.client.proxy.scripted import Scripted, scripted
from tests.client.proxy.sleeping import proxy_to
from tests.e2e.console.cloud import Cloud, open_cloud
from tests.power.conftest import account, house
from tests.power.house import House
from tests.servers import Running, running_servers

__all__ = ["account", "house"]


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "all_proxy",
        "no_proxy",
        "http_proxy",
        "https_proxy",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def keyed_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Both servers, which want a key and give a sign of life each half second."""
    settings = {
        "VOICE_ENGINE": "clock",
        "VOICE_CLOCK_SPEED": "20",
        "VOICE_HEARTBEAT_SECONDS": "0.5",
        "VOICE_KEYS": f"alice=sha256:{hashlib.sha256(SECRET.encode()).hexdigest()}",
        "VOICE_CORS_ORIGINS": "https://slides.example.com",
    }
    with running_servers(tmp_path_factory.mktemp("keyed"), settings) as running:
        yield running


@pytest.fixture(scope="session")
def proxied(keyed_servers: Running) -> Iterator[Proxied]:
    with proxy_before(keyed_servers.tts, keyed_servers.whisperx) as made:
        yield made


@pytest.fixture
def upstream() -> Iterator[Scripted]:
    with scripted() as made:
        yield made


@pytest.fixture
def before(upstream: Scripted) -> Iterator[Proxied]:
    """The proxy before the scripted upstream. No sign of life comes before an answer, however busy
    this machine is."""
    with proxy_before(upstream.url, heartbeat_seconds=60) as made:
        yield made


@pytest.fixture(scope="session")
def plain_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Both servers without keys, for the deployment to put before callers once it is awake."""
    settings = {"VOICE_ENGINE": "clock", "VOICE_CLOCK_SPEED": "100"}
    with running_servers(tmp_path_factory.mktemp("plain"), settings) as running:
        yield running


@pytest.fixture
def cloud(house: House, plain_servers: Running) -> Iterator[Cloud]:
    with open_cloud(house, plain_servers) as made:
        yield made


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with web.Client(trust_env=False, timeout=60) as made:
        yield made


@pytest.fixture
def asleep(cloud: Cloud) -> Iterator[Proxied]:
    with proxy_to(cloud) as made:
        yield made
