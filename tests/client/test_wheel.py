"""The wheel, installed by itself in an environment with nothing else, works."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.servers import Running

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "client"
LEFT_OUT = ("__pycache__", ".ruff_cache", ".mypy_cache", "dist", "build")


def pip(*arguments: object, python: Path | str = sys.executable) -> None:
    done = subprocess.run(
        [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "-q",
         *map(str, arguments)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "client"
    shutil.copytree(CLIENT, source, ignore=shutil.ignore_patterns(*LEFT_OUT))
    pip("wheel", "--no-deps", "-w", folder / "out", source)
    (made,) = (folder / "out").glob("gpuvoice-*.whl")
    return made


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed command, with the versions that the lock file names."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=True)
    python = folder / "bin/python"
    pip("install", wheel, "-c", _without_hashes(folder), python=python)
    return folder / "bin/gpuvoice"


def _without_hashes(folder: Path) -> Path:
    pins = [
        line.partition(" \\")[0]
        for line in (CLIENT / "requirements.lock").read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.lstrip().startswith(("#", "--hash"))
    ]
    file = folder / "constraints.txt"
    file.write_text("\n".join(pins) + "\n", encoding="utf-8")
    return file


def ran(command: Path, *arguments: object, folder: Path, **environ: str) -> str:
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "TTS_", "WHISPER"))
    }
    done = subprocess.run(
        [str(command), *map(str, arguments)], cwd=folder, env={**clean, **environ},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_console_is_inside_and_nothing_of_the_other_rooms(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
    inside = {name for name in names if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in inside} == {"gpuvoice"}
    there = {
        f"gpuvoice/{path.relative_to(CLIENT / 'gpuvoice').as_posix()}"
        for path in (CLIENT / "gpuvoice").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert inside == there
    assert {"gpuvoice/console/index.html", "gpuvoice/py.typed"} <= inside


def test_the_installed_command_tells_its_version_and_help(command: Path, tmp_path: Path) -> None:
    assert ran(command, "--version", folder=tmp_path) == "gpuvoice, version 0.1.0\n"
    assert "Exit codes:" in ran(command, "--help", folder=tmp_path)
    for name in ("proxy", "narrate", "doctor", "cost", "say"):
        assert "--json" in ran(command, name, "--help", folder=tmp_path)


def test_the_installed_command_speaks_and_hears(
    command: Path, tmp_path: Path, cpu_servers: Running
) -> None:
    servers = {"TTS_SERVER_URL": cpu_servers.tts, "WHISPER_URL": cpu_servers.whisperx}
    text = "Good morning, and welcome."
    ran(command, "say", text, "-o", "a.wav", folder=tmp_path, **servers)
    assert "morning" in ran(command, "transcribe", "a.wav", folder=tmp_path, **servers).lower()
    assert "WEBVTT" in ran(command, "align", "a.wav", text, "--vtt", folder=tmp_path, **servers)


def test_what_is_not_installed_is_said_with_how_to_install_it(
    command: Path, tmp_path: Path
) -> None:
    with pytest.raises(AssertionError, match=r"gpuvoice\[audio\]"):
        ran(command, "say", "One.\n\nTwo.", "-o", "a.mp3", folder=tmp_path)
