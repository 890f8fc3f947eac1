"""Keyed servers with real voices, and in front of them the proxy, which alone has the key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import SECRET_HASH, find_chromium, need
from tests.e2e.consumers.chromium import Seen, opened
from tests.e2e.consumers.proxies import Proxied, clean_environment, running_proxy
from tests.e2e.consumers.sites import EXAMPLES, served
from tests.e2e.samples import SECRET
from tests.servers import Running, running_servers


@pytest.fixture(scope="session")
def keyed_voices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    settings = {"VOICE_KEYS": f"team=sha256:{SECRET_HASH}"}
    with running_servers(tmp_path_factory.mktemp("voices"), settings) as running:
        yield running


@pytest.fixture(scope="session")
def proxied(keyed_voices: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    environment = {
        **clean_environment(),
        "TTS_SERVER_URL": keyed_voices.tts,
        "WHISPER_URL": keyed_voices.whisperx,
        "TTS_API_KEY": SECRET,
    }
    with running_proxy(tmp_path_factory.mktemp("proxy"), environment) as running:
        yield running


@pytest.fixture(scope="session")
def team_site() -> Iterator[str]:
    """Where the team's page is: another origin than the proxy's."""
    with served(EXAMPLES) as origin:
        yield origin


@pytest.fixture
def seen() -> Iterator[Seen]:
    with opened(need(find_chromium())) as found:
        yield found
