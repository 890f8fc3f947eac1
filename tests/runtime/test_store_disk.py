"""What the store leaves on a disk goes by itself: by age, by size, and when it is turned off."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.patience import until
from tests.runtime.stores import entries
from voicehost.blobs.disk import DiskBlobs
from voicehost.memory.store import AudioStore
from voicehost.memory.sweeper import Sweeper
from voicehost.telemetry.metrics import Metrics

HOUR, DAY = 3600.0, 86_400.0
NOW = 1_800_000_000.0


@pytest.fixture
def blobs(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path)


def put(folder: Path, number: int, size: int, age: float, now: float = NOW) -> Path:
    """An entry of the store, written so long before now."""
    name = f"store/{number:02}/{number:064}"
    DiskBlobs(folder).put(name, bytes(size))
    os.utime(folder / name, (now - age, now - age))
    return folder / name


def sweep(blobs: DiskBlobs, *, days: int = 2, most_bytes: int = 10**9) -> None:
    Sweeper(blobs, days=days, most_bytes=most_bytes, now=lambda: NOW).sweep()


def test_expired_entries_go(blobs: DiskBlobs, tmp_path: Path) -> None:
    young = put(tmp_path, 1, 10, 2 * DAY - HOUR)
    put(tmp_path, 2, 10, 2 * DAY + HOUR)
    sweep(blobs)
    assert entries(tmp_path) == [young]


def test_above_the_limit_the_oldest_go(blobs: DiskBlobs, tmp_path: Path) -> None:
    put(tmp_path, 1, 10, 5 * HOUR)
    put(tmp_path, 2, 400, 4 * HOUR)
    second = put(tmp_path, 3, 400, 2 * HOUR)
    first = put(tmp_path, 4, 400, 3 * HOUR)
    sweep(blobs, most_bytes=1000)
    assert set(entries(tmp_path)) == {first, second}


def test_what_is_not_of_the_store_stays(blobs: DiskBlobs, tmp_path: Path) -> None:
    blobs.put("jobs/tts/1.json", b"{}")
    put(tmp_path, 1, 10, HOUR)
    put(tmp_path, 2, 10, -HOUR)  # by a clock that went wrong
    sweep(blobs, days=0)
    assert entries(tmp_path) == []
    assert blobs.get("jobs/tts/1.json") == b"{}"


def store(blobs: DiskBlobs, *, days: int, most_bytes: int = 10**9) -> AudioStore:
    return AudioStore(blobs, Metrics("test"), days=days, most_bytes=most_bytes)


def test_a_store_that_was_turned_off_clears_what_it_left(blobs: DiskBlobs, tmp_path: Path) -> None:
    put(tmp_path, 1, 10, HOUR, time.time())
    off = store(blobs, days=0)
    off.start()
    until(lambda: entries(tmp_path) == [])
    off.close()


def test_it_sweeps_at_its_start_and_again_when_much_was_written(
    blobs: DiskBlobs, tmp_path: Path
) -> None:
    put(tmp_path, 1, 100, 2 * DAY, time.time())
    young = put(tmp_path, 2, 600, HOUR, time.time())
    on = store(blobs, days=1, most_bytes=1000)
    on.start()
    until(lambda: entries(tmp_path) == [young])
    name = f"store/03/{3:064}"
    on.keep([name], {}, lambda: bytes(600), 600)
    until(lambda: entries(tmp_path) == [tmp_path / name])
    on.close()


def test_another_server_may_have_swept_already(blobs: DiskBlobs, tmp_path: Path) -> None:
    gone = put(tmp_path, 1, 10, 3 * DAY)

    class Late(DiskBlobs):
        """Finds what the other one then deletes."""

        def delete(self, name: str) -> None:
            gone.unlink(missing_ok=True)
            super().delete(name)

    sweep(Late(tmp_path))
    assert entries(tmp_path) == []


def test_a_tenth_of_the_disk_stays_free(
    blobs: DiskBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, 1, 400, 2 * HOUR)
    young = put(tmp_path, 2, 400, HOUR)
    monkeypatch.setattr(blobs, "room", lambda: (100, 4000))
    sweep(blobs)
    assert entries(tmp_path) == [young]
