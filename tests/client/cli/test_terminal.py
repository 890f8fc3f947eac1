"""What somebody at a terminal sees and hears."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from gpuvoice.audio import player
from tests.client.cli.conftest import Run
from tests.client.cli.deployment import Deployment
from tests.servers import Running

ROOT = Path(__file__).parents[3]
PLAYER = '#!/bin/sh\n/bin/cp "$2" "$HEARD"\n'
FAILING = "#!/bin/sh\necho 'no sound card' >&2\nexit 3\n"


@dataclass
class Terminal:
    """A run of the command with a terminal for all three of its streams."""

    process: subprocess.Popen[bytes]
    screen: int
    seen: str = ""

    def until(self, done: Callable[[str], bool], seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not done(self.seen):
            assert time.monotonic() < end, self.seen
            if not self._read(0.1) and self.process.poll() is not None:
                assert done(self.seen), self.seen

    def type(self, text: str) -> None:
        os.write(self.screen, text.encode())

    def ended(self) -> int:
        self.until(lambda _: self.process.poll() is not None)
        while self._read(0.1):
            pass
        return int(self.process.returncode)

    @property
    def text(self) -> str:
        """Without colours and other codes."""
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.seen)

    def _read(self, seconds: float) -> bool:
        if not select.select([self.screen], [], [], seconds)[0]:
            return False
        try:
            found = os.read(self.screen, 65536)
        except OSError:
            return False
        self.seen += found.decode(errors="replace")
        return bool(found)


@contextmanager
def terminal(*arguments: str, **environ: str) -> Iterator[Terminal]:
    screen, inside = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(ROOT / "client"), "TERM": "xterm", "COLUMNS": "100"}
    process = subprocess.Popen(
        [sys.executable, "-m", "gpuvoice", *arguments],
        stdin=inside, stdout=inside, stderr=inside, env={**env, **environ},
        start_new_session=True,
    )  # fmt: skip
    os.close(inside)
    try:
        yield Terminal(process, screen)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(10)
        os.close(screen)


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the only player of this machine puts what it plays."""
    install(tmp_path / "players", PLAYER, monkeypatch)
    monkeypatch.setenv("HEARD", str(tmp_path / "heard.wav"))
    return tmp_path / "heard.wav"


def install(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    (folder / "aplay").write_text(script)
    (folder / "aplay").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_a_text_is_heard_and_no_file_is_left(heard: Path, local: Running, folder: Path) -> None:
    with terminal("say", "One, two.") as shown:
        assert shown.ended() == 0
    assert heard.read_bytes()[:4] == b"RIFF"
    assert list(folder.iterdir()) == []
    assert "Speaking (" in shown.text


def test_it_is_heard_and_written(run: Run, heard: Path, local: Running) -> None:
    assert run("say", "One, two.", "-o", "a.wav", "--play").code == 0
    assert Path("a.wav").read_bytes() == heard.read_bytes()


def test_without_a_player_it_is_written(local: Running, folder: Path, tmp_path: Path) -> None:
    with terminal("say", "One.", PATH=str(tmp_path)) as shown:
        assert shown.ended() == 0
    assert (folder / "speech.wav").exists()
    with terminal("say", "One.", "--play", PATH=str(tmp_path)) as shown:
        assert shown.ended() == 1
    assert "No player was found in PATH" in shown.text


def test_a_player_that_fails_is_quoted(
    run: Run, local: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "players", FAILING, monkeypatch)
    ran = run("say", "One.", "--play")
    assert (ran.code, "aplay could not play it: no sound card" in ran.err) == (1, True)


def test_the_first_player_that_is_there_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert player.player() is None
    for name in ("ffplay", "paplay"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    assert player.player() == [str(tmp_path / "paplay")]


def test_a_start_is_seen_stage_by_stage(cloud: Deployment) -> None:
    cloud.remember_starts()
    cloud.start(5)
    with terminal("up") as shown:
        shown.until(lambda seen: "model loading" in seen)
        assert shown.ended() == 0
    assert "▸ " in shown.text
    assert re.search(r"✓ +warm", shown.text)
    assert shown.text.rstrip().endswith("The GPU is on.")


def test_the_wait_of_a_call_is_one_line_that_is_gone_at_the_end(cloud: Deployment) -> None:
    cloud.hurry = True
    with terminal("say", "One, two.", "-o", "a.wav") as shown:
        shown.until(lambda seen: "is being started" in seen)
        assert shown.ended() == 0
    last = shown.text.rstrip().splitlines()[-1]
    assert last.endswith("s of speech in a.wav")
    # Up and clear: the line of the wait does not stay.
    assert "\x1b[2K" in shown.seen


def test_config_asks_and_does_not_show_the_key(folder: Path) -> None:
    with terminal("config", "init") as shown:
        shown.until(lambda seen: "Address of the deployment" in seen)
        shown.type("ftp://gpu.example.com\n")
        shown.until(lambda seen: "The address must begin with" in seen)
        shown.type("gpu.example.com\n")
        shown.until(lambda seen: "Key (not shown" in seen)
        shown.type("gv_alice-s3cret\n")
        assert shown.ended() == 0
    written = json.loads((folder / "server_config.json").read_text())
    assert written["server_url"] == "https://gpu.example.com/tts"
    assert written["api_key"] == "gv_alice-s3cret"
    assert "s3cret" not in shown.seen
