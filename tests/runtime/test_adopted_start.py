"""A module that cannot be used ends the start with a message that names it."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.patience import until
from voicehost.adopted import pulse as module
from voicehost.adopted.engine import AdoptedEngine
from voicehost.engines.protocol import LoadError
from voicehost.settings import VoiceHostSettings

FLASK = "from flask import Flask\napp = Flask(__name__)\n"
GOOD = f"{FLASK}def initialize_model(): pass\n"


@pytest.fixture(autouse=True)
def _own_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "modules", sys.modules.copy())


def load(where: Path | str) -> AdoptedEngine:
    engine = AdoptedEngine("tts", VoiceHostSettings(tts_app=str(where)))
    engine.load(lambda what, fraction: None)
    return engine


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("x = 1\n", "no Flask application called app"),
        ("app = 'mine'\n", "no Flask application called app"),
        (FLASK, "no function called initialize_model"),
        (f"{FLASK}initialize_model = None\n", "no function called initialize_model"),
        ("import nonsense_that_is_missing\n", "ModuleNotFoundError: No module named"),
        ("def broken(:\n", "SyntaxError"),
        ("import sys; sys.exit('no GPU')\n", "SystemExit: no GPU"),
        (f"{FLASK}def initialize_model(): raise OSError('no weights')\n", "OSError: no weights"),
        (f"{FLASK}def initialize_model(): raise SystemExit(1)\n", "initialize_model failed"),
        (f"{FLASK}def initialize_model(): return False\n", "returned False"),
        (f"{FLASK}def initialize_model(path): pass\n", "initialize_model failed: TypeError"),
    ],
)
def test_what_is_wrong_with_it_is_said(tmp_path: Path, code: str, says: str) -> None:
    file = tmp_path / "team_server.py"
    file.write_text(code)
    with pytest.raises(LoadError, match="VOICE_TTS_APP=") as raised:
        load(file)
    assert str(file) in str(raised.value)
    assert says in str(raised.value)


@pytest.mark.parametrize("where", ["/srv/nowhere/server.py", "no_such_module", "json.no_such"])
def test_one_that_is_not_there_is_named(where: str) -> None:
    with pytest.raises(LoadError, match="there is no such"):
        load(where)


def test_a_missing_package_of_a_named_module_is_not_taken_for_the_module(tmp_path: Path) -> None:
    (tmp_path / "named_server.py").write_text("import nonsense_that_is_missing\n")
    with pytest.raises(LoadError, match="nonsense_that_is_missing"):
        load("named_server")


def test_it_may_be_named_as_a_module(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    (tmp_path / "team/inner_server.py").write_text(GOOD)
    assert load("team.inner_server").model == "team.inner_server"


def test_a_file_with_the_name_of_another_module_takes_nothing_away(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text(GOOD)
    load(tmp_path / "json.py")
    assert sys.modules["json"] is json
    assert "adopted_json" in sys.modules


def test_its_main_part_is_not_run(tmp_path: Path) -> None:
    file = tmp_path / "main_server.py"
    file.write_text(f"{GOOD}if __name__ == '__main__':\n    raise SystemExit('run')\n")
    load(file)


def test_a_thread_that_works_moves_and_one_that_waits_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moves: list[int] = []
    with pulse_of(moves):
        until(lambda: sum(range(1000)) > 0 and len(moves) > 3)
    looks = counted_looks(monkeypatch)
    released = threading.Event()

    def watch() -> None:
        until(lambda: len(looks) > 10)
        released.set()

    watcher = threading.Thread(target=watch)
    still: list[int] = []
    with pulse_of(still):
        watcher.start()
        released.wait()
    assert len(still) <= 2  # for its last steps before it waited


def pulse_of(moves: list[int]) -> AbstractContextManager[None]:
    return module.pulse(lambda: moves.append(1), 60, look_seconds=0.01)


def counted_looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every look at the thread's clock, which stays the true one."""
    looks: list[int] = []
    true_clock = module._thread_clock

    def clock_of_this_thread() -> Callable[[], float]:
        clock = true_clock()

        def look() -> float:
            looks.append(1)
            return clock()

        return look

    monkeypatch.setattr(module, "_thread_clock", clock_of_this_thread)
    return looks


def test_nobody_looks_at_the_clock_of_a_thread_that_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A look that comes late, as on a busy machine."""
    true_clock = module._thread_clock
    failed: list[OSError] = []

    def slow_clock() -> Callable[[], float]:
        clock = true_clock()

        def look() -> float:
            time.sleep(0.05)
            try:
                return clock()
            except OSError as error:
                failed.append(error)
                raise

        return look

    monkeypatch.setattr(module, "_thread_clock", slow_clock)

    def work() -> None:
        with pulse_of([]):
            pass

    for _ in range(5):
        worker = threading.Thread(target=work)
        worker.start()
        worker.join()
    for late in threading.enumerate():
        if late.name == "pulse":
            late.join()
    assert not failed


def test_a_thread_that_works_for_too_long_moves_no_more() -> None:
    moves: list[int] = []
    with module.pulse(lambda: moves.append(1), 0.0, look_seconds=0.001):
        assert sum(range(3_000_000)) > 0
    assert moves == []
