"""Real voices and ears behind keys, and a voice that waits to be let on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import OpenAI

from tests.e2e.conftest import need
from tests.e2e.openai.held import Held, held_server
from tests.e2e.openai.node import NODE, PACKAGE
from tests.e2e.samples import SECRET
from tests.servers import Running, running_servers

DIGEST = hashlib.sha256(SECRET.encode()).hexdigest()
SETTINGS = {"VOICE_KEYS": f"alice=sha256:{DIGEST}"}


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running_servers(tmp_path_factory.mktemp("openai"), SETTINGS) as running:
        yield running


@pytest.fixture(scope="session")
def clock_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Servers without keys that take their time."""
    with running_servers(tmp_path_factory.mktemp("clock"), {"VOICE_ENGINE": "clock"}) as running:
        yield running


@pytest.fixture
def client(servers: Running) -> Iterator[OpenAI]:
    """As a load balancer's callers set it up: one base URL, and the key as the API key."""
    with OpenAI(base_url=f"{servers.tts}/tts/v1", api_key=SECRET, max_retries=0) as made:
        yield made


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    with held_server(tmp_path) as running:
        yield running


@pytest.fixture
def held_client(held: Held) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{held.url}/v1", api_key="none", max_retries=0) as made:
        yield made


@pytest.fixture(scope="session")
def node_client() -> None:
    missing = not (NODE.exists() and PACKAGE.is_dir())
    need((str(NODE), "run `npm ci` (`node_modules/openai`)" if missing else ""))
