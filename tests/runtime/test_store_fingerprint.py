"""Two models that are not the same have not the same fingerprint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from voicehost.engines.families import hearing_engines, speech_engine
from voicehost.engines.fingerprint import MIB, fingerprint, folder_digest
from voicehost.engines.protocol import Engine
from voicehost.settings import VoiceHostSettings


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A small file, and a large one in a folder of its own."""
    (tmp_path / "config.json").write_text('{"layers": 2}')
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "model.bin").write_bytes(bytes(3 * MIB))
    return tmp_path


def write(path: Path, place: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        file.write(data)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a setting": lambda folder: (folder / "config.json").write_text('{"layers": 3}'),
    "a weight at the start": lambda folder: write(folder / "weights/model.bin", 8, b"x"),
    "a weight at the end": lambda folder: write(folder / "weights/model.bin", 3 * MIB - 1, b"x"),
    "a weight more": lambda folder: write(folder / "weights/model.bin", 3 * MIB, b"\0"),
    "another name": lambda folder: (folder / "config.json").rename(folder / "other.json"),
    "another folder": lambda folder: (folder / "weights").rename(folder / "other"),
    "a file more": lambda folder: (folder / "more.json").write_text(""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_another_checkpoint_is_told_from_the_first(checkpoint: Path, change: str) -> None:
    before = folder_digest(checkpoint)
    assert folder_digest(checkpoint) == before
    CHANGES[change](checkpoint)
    assert folder_digest(checkpoint) != before


def test_a_checkpoint_is_the_same_wherever_it_lies(checkpoint: Path, tmp_path: Path) -> None:
    before = folder_digest(checkpoint)
    moved = checkpoint.rename(tmp_path.parent / f"{tmp_path.name}-moved")
    assert folder_digest(moved) == before


def test_name_packages_and_settings_count() -> None:
    first = fingerprint("model", ("numpy",), True, 0.9)
    assert first == fingerprint("model", ("numpy",), True, 0.9)
    others = [
        fingerprint("other", ("numpy",), True, 0.9),
        fingerprint("model", ("numpy", "flask"), True, 0.9),
        fingerprint("model", ("numpy", "not-there"), True, 0.9),
        fingerprint("model", ("numpy",), False, 0.9),
        fingerprint("model", ("numpy",), True, 0.8),
    ]
    assert len({first, *others}) == 6


def test_the_version_of_a_package_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for number in ("1.0", "1.1"):
        info = tmp_path / number / f"voice_of_somebody-{number}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Name: voice-of-somebody\nVersion: {number}\n")
        with monkeypatch.context() as path:
            path.syspath_prepend(str(tmp_path / number))
            made.append(fingerprint("model", ("voice-of-somebody",)))
    assert made[0] != made[1]


def test_models_say_what_they_are_once_they_are_loaded() -> None:
    settings = [
        VoiceHostSettings(engine="clock"),
        VoiceHostSettings(engine="clock", clock_curve="h200"),
        VoiceHostSettings(),
    ]
    engines: list[Engine] = [speech_engine(each) for each in settings]
    engines.append(hearing_engines(settings[2]).aligner)
    assert [engine.fingerprint for engine in engines] == [None] * 4
    for engine in engines:
        engine.load(lambda what, fraction: None)
    found = [engine.fingerprint for engine in engines]
    assert None not in found
    assert len(set(found)) == 4


def test_our_own_code_counts_where_it_shapes_a_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {}
    for name, shapes, other in (("a", "1", "1"), ("b", "2", "1"), ("c", "1", "2")):
        for file, text in (("audio/joints.py", shapes), ("routes/health.py", other)):
            (tmp_path / name / file).parent.mkdir(parents=True)
            (tmp_path / name / file).write_text(text)
        monkeypatch.setattr("voicehost.engines.fingerprint.PACKAGE", tmp_path / name)
        made[name] = fingerprint("model", ())
    assert made["a"] != made["b"]
    assert made["a"] == made["c"]
