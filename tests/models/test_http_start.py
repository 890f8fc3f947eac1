"""Before the servers are ready, and when they cannot be."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from tests import web
from tests.models.cached import cached
from tests.models.one_server import one_server
from tests.models.serving import refused
from tests.models.tiny_voice import make_voice
from tests.models.variables import with_models
from tests.patience import until
from tests.servers import free_ports
from voicehost.local.servers import Servers

STAGES = ["starting", "loading", "first result", "ready"]


def test_ready_says_no_with_its_stage_until_the_checks_are_over(
    models: Path, tmp_path: Path
) -> None:
    # Its first text takes seconds, so that nobody can miss that stage.
    voice = cached("endless", lambda folder: make_voice(folder, ends=False))
    settings = {**with_models(models), "VOICE_TTS_MODEL": str(voice)}
    with one_server(tmp_path, settings) as server:
        until(lambda: server.status() == 503, 60)
        assert web.get(f"{server.url}/health").json()["model_loaded"] is False
        status, error = refused(f"{server.url}/generate", {"text": "Hello."})
        assert (status, "still loading" in error) == (503, True)
        told: list[tuple[str, float]] = []

        def ready() -> bool:
            answer = web.get(f"{server.url}/ready")
            speak = answer.json()["models"]["speak"]
            told.append((speak["stage"], speak["fraction"]))
            assert (speak["stage"] == "ready") == (answer.status_code == 200)
            return answer.status_code == 200

        until(ready, 120)
    places = [STAGES.index(stage) for stage, _ in told]
    assert places == sorted(places)
    assert {"loading", "first result", "ready"} <= {stage for stage, _ in told}
    fractions = [fraction for stage, fraction in told if stage == "loading"]
    assert fractions == sorted(fractions)
    assert len(set(fractions)) > 1


def _spoil(models: Path) -> None:
    file = models / "tts/model.safetensors"
    weights = load_file(file)
    weights["talker.model.norm.weight"].fill_(float("nan"))
    save_file(weights, file, metadata={"format": "pt"})


def _lose_voice_weights(models: Path) -> None:
    (models / "tts/model.safetensors").unlink()


def _lose_voice(models: Path) -> None:
    shutil.rmtree(models / "tts")


def _lose_ears(models: Path) -> None:
    (models / "asr/model.bin").unlink()


@pytest.mark.parametrize(
    ("damage", "app", "says"),
    [
        (_spoil, "tts", "no finite numbers"),
        (_lose_voice_weights, "tts", "cannot be loaded as Qwen3-TTS"),
        (_lose_voice, "tts", "make weights"),
        (_lose_ears, "whisperx", "model.bin is missing"),
    ],
)
def test_a_damaged_checkpoint_ends_the_server_with_a_message_and_never_is_ready(
    models: Path, tmp_path: Path, damage: Callable[[Path], None], app: str, says: str
) -> None:
    own = tmp_path / "models"
    shutil.copytree(models, own)
    damage(own)
    with one_server(tmp_path, with_models(own), f"voicehost.wsgi:{app}()") as server:

        def ended() -> bool:
            assert server.status() != 200
            return server.process.poll() is not None

        until(ended, 120)
        assert server.process.returncode != 0
    log = server.log.read_text()
    assert says in log
    assert "Traceback" not in log


def test_what_cannot_be_loaded_ends_the_container(models: Path, tmp_path: Path) -> None:
    tts, whisperx = free_ports(2)
    ports = {"TTS_PORT": str(tts), "WHISPERX_PORT": str(whisperx)}
    settings = {**with_models(models), **ports, "VOICE_TTS_MODEL": str(tmp_path / "nothing")}
    with Servers(tmp_path / "run", settings) as servers:
        until(lambda: not servers.running(), 120)
        assert servers._process is not None
        assert servers._process.returncode == 1
    assert "holds no Qwen3-TTS checkpoint" in servers.log.read_text()
    assert "tts failed again and again" in servers.log_end()
