"""Beyond this machine the proxy listens with a key of its own, and then everybody needs it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from gpuvoice.errors import ConfigError
from gpuvoice.proxy.settings import ProxySettings
from gpuvoice.secret import Secret
from tests import web
from tests.client.proxy.running import Proxied, proxy_before
from tests.client.proxy.scripted import Scripted

OWN = "own-key-of-the-proxy"
ASKS = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}


@pytest.fixture
def locked(upstream: Scripted) -> Iterator[Proxied]:
    upstream.on["/generate"] = [lambda line: line.tell(200, {"success": True})]
    with proxy_before(upstream.url, own_key=Secret(OWN)) as made:
        yield made


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()


@pytest.mark.parametrize("given", [
    {"X-API-Key": OWN}, {"Authorization": f"Bearer {OWN}"}, {"Authorization": basic(OWN)},
])  # fmt: skip
def test_it_opens_in_three_ways_and_is_not_sent_on(
    upstream: Scripted, locked: Proxied, given: dict[str, str]
) -> None:
    answer = web.post(f"{locked.speech}/generate", json={}, headers=given, trust_env=False)
    assert answer.status_code == 200
    assert OWN not in str(upstream.of("/generate")[0].headers)
    assert basic(OWN) not in str(upstream.of("/generate")[0].headers)


@pytest.mark.parametrize("given", [
    {}, {"X-API-Key": ""}, {"X-API-Key": OWN[:-1]}, {"Authorization": "Basic !"},
    {"Authorization": basic("x")}, {"Authorization": f"Digest {OWN}"}, {"X-API-Key": "ÿ"},
])  # fmt: skip
def test_without_it_nothing_is_answered_but_the_badge(
    upstream: Scripted, locked: Proxied, given: dict[str, str]
) -> None:
    sent = {name: value.encode("latin-1") for name, value in given.items()}
    with web.Client(headers=sent, trust_env=False) as client:  # type: ignore[arg-type]
        for url in (f"{locked.speech}/health", f"{locked.console}/", f"{locked.console}/api/status",
                    f"{locked.recognition}/docs", f"{locked.console}/tts/health"):  # fmt: skip
            answer = client.get(url)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"].startswith("Basic")
        assert client.post(f"{locked.speech}/generate", json={}).status_code == 401
        assert client.get(f"{locked.console}/badge.svg").status_code == 200
    assert "/generate" not in upstream.paths()


def test_a_browsers_preflight_carries_no_key_and_is_answered(locked: Proxied) -> None:
    answer = web.options(f"{locked.speech}/generate", headers=ASKS, trust_env=False)
    assert answer.status_code == 204


def test_without_one_it_listens_on_this_machine_alone() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.5", "example.com"):
        with pytest.raises(ConfigError, match="--key-file"):
            ProxySettings.from_env({}, host=host)
    for host in ("localhost", "127.0.0.1", "::1"):
        assert ProxySettings.from_env({}, host=host).host == host


def test_the_key_comes_from_a_file_or_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(OWN + "\n")
    settings = ProxySettings.from_env({}, host="0.0.0.0", key_file=file)
    assert settings.own_key.reveal() == OWN
    assert OWN not in repr(settings)
    variable = {"GPUVOICE_PROXY_KEY": OWN}
    assert ProxySettings.from_env(variable, host="0.0.0.0").own_key.reveal() == OWN
    with pytest.raises(ConfigError, match="cannot be read"):
        ProxySettings.from_env({}, key_file=tmp_path / "missing")


@pytest.mark.parametrize("weak", ["short", "with spaces and ümlauts in it"])
def test_a_key_that_can_be_guessed_or_not_be_sent_is_refused(weak: str) -> None:
    with pytest.raises(ConfigError, match="at least 16"):
        ProxySettings.from_env({"GPUVOICE_PROXY_KEY": weak})
