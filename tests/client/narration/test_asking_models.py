"""Which models a run believes in: through the proxy, a GPU that sleeps seems to have others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gpuvoice import ClientConfig, NotReady, waiting
from gpuvoice.narration import models
from tests import web
from tests.client.narration.desk import TEXTS, Body, Desk, Ledger, narration_of
from tests.client.proxy.running import Proxied, proxy_before
from tests.e2e.console.cloud import Cloud, open_cloud
from tests.patience import until
from tests.power.conftest import account, house
from tests.power.house import ALICE, House
from tests.servers import Running

__all__ = ["account", "house"]
ALL = narration_of(TEXTS)
UNLOADED = {"status": "ok", "engine": "qwen3-tts", "speaker": "Aiden", "model_loaded": False}
NO_PATH = (404, {"success": False, "error": "no such path"})


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(waiting, "LONGEST_SECONDS", 0.05)


@pytest.fixture
def cloud(house: House, cpu_servers: Running) -> Iterator[Cloud]:
    """A deployment that sleeps."""
    with open_cloud(house, cpu_servers) as made:
        yield made


@pytest.fixture
def proxied(cloud: Cloud) -> Iterator[Proxied]:
    paths = (f"{cloud.url}/tts", f"{cloud.url}/whisperx", f"{cloud.url}/power")
    with proxy_before(*paths, key=ALICE) as made:
        yield made


def test_what_a_run_made_after_it_woke_the_gpu_is_good_for_the_next_one(
    cloud: Cloud, proxied: Proxied, tmp_path: Path
) -> None:
    health = web.get(f"{proxied.speech}/health").json()
    assert health["status"] == "ok"
    assert "model" not in health, "asleep, the proxy does not know the model"
    config = ClientConfig(speech_url=proxied.speech, recognition_url=proxied.recognition)
    desk = Desk(config, Ledger(httpx.HTTPTransport()), Ledger(httpx.HTTPTransport()))

    def start_when_woken() -> None:
        until(lambda: cloud.look(0) == "starting")
        cloud.start()

    starting = threading.Thread(target=start_when_woken)
    starting.start()
    assert desk.run(ALL, tmp_path).takes == 3
    starting.join()
    assert cloud.awake
    desk.fresh_calls()
    assert desk.run(ALL, tmp_path).takes == 0
    assert desk.fresh_calls() == {}


@pytest.mark.parametrize(
    "told", [UNLOADED, {"status": "ok", "model": "seen before", "state": "starting"}]
)
def test_a_health_of_a_server_that_sleeps_is_asked_again(
    desk: Desk, tmp_path: Path, told: Body
) -> None:
    answers = [told, told]

    def asleep(path: str, body: Body) -> tuple[int, Body] | None:
        return (200, answers.pop()) if path == "/health" and answers else None

    desk.speech.before = asleep
    assert desk.run(ALL, tmp_path).takes == 3
    assert answers == []
    desk.fresh_calls()
    assert desk.run(ALL, tmp_path).takes == 0
    assert desk.fresh_calls() == {}


def test_a_server_that_never_tells_its_model_ends_the_run_in_words(
    desk: Desk, tmp_path: Path
) -> None:
    asleep = {**UNLOADED, "state": "asleep", "message": "The GPU is asleep."}
    desk.speech.before = lambda path, body: (200, asleep) if path == "/health" else None
    with pytest.raises(NotReady, match=r"which model it has \(The GPU is asleep") as caught:
        desk.run(ALL, tmp_path)
    assert caught.value.state == "asleep"
    assert desk.fresh_calls() == {}


def test_an_older_server_that_loads_with_the_first_text_is_asked_at_once(
    desk: Desk, tmp_path: Path
) -> None:
    own: dict[str, tuple[int, Body]] = {"/ready": NO_PATH, "/health": (200, UNLOADED)}
    desk.speech.before = lambda path, body: own.get(path)
    assert desk.run(ALL, tmp_path).takes == 3
    assert [path for path, _ in desk.speech.calls[:2]] == ["/ready", "/health"]
