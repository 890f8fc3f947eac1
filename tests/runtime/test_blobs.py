"""Blobs in a folder: whole or not at all, durable, and nobody else's."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from voicehost.blobs.disk import LEFT_OVER_SECONDS, UNFINISHED, DiskBlobs
from voicehost.errors import KeepingFailed


@pytest.fixture
def blobs(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path / "data")


def test_what_was_put_is_there_until_it_is_deleted(blobs: DiskBlobs) -> None:
    assert blobs.get("jobs/one") is None
    blobs.put("jobs/one", b"first")
    blobs.put("jobs/one", b"second")
    assert blobs.get("jobs/one") == b"second"
    blobs.delete("jobs/one")
    blobs.delete("jobs/one")
    assert blobs.get("jobs/one") is None


def test_a_listing_has_all_below_a_prefix_sorted_and_nothing_else(blobs: DiskBlobs) -> None:
    for name in ("a/2", "a/10", "a/b/c", "ab/1", "z"):
        blobs.put(name, name.encode())
    assert [(found.name, found.size) for found in blobs.find("a/")] == [
        ("a/10", 4), ("a/2", 3), ("a/b/c", 5),
    ]  # fmt: skip
    assert list(blobs.find("nothing/")) == []


def test_a_listing_tells_when_a_blob_was_changed(blobs: DiskBlobs, tmp_path: Path) -> None:
    blobs.put("a/1", b"")
    os.utime(tmp_path / "data/a/1", (1000, 1000))
    (found,) = blobs.find("a/")
    assert found.changed.timestamp() == 1000


def test_folders_and_files_are_their_owners_alone(blobs: DiskBlobs, tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        blobs.put("a/b/c/d", b"secret")
    finally:
        os.umask(old)
    for path in [tmp_path / "data", *(tmp_path / "data").rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600)


def test_empty_folders_go_with_their_last_blob(blobs: DiskBlobs, tmp_path: Path) -> None:
    blobs.put("a/b/1", b"")
    blobs.put("a/2", b"")
    blobs.delete("a/b/1")
    assert sorted(path.name for path in (tmp_path / "data").rglob("*")) == ["2", "a"]
    blobs.delete("a/2")
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.parametrize(
    "name", ["", "../x", "a/../b", "/etc/passwd", "a//b", ".hidden", "a/.part-1", "a b", "a\n"]
)
def test_a_name_cannot_lead_out_of_the_folder(blobs: DiskBlobs, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        blobs.put(name, b"")
    with pytest.raises(ValueError, match="not a name"):
        blobs.get(name)


def test_a_blob_that_replaces_another_is_never_seen_in_part(blobs: DiskBlobs) -> None:
    size = 200_000
    blobs.put("one", b"a" * size)
    seen: list[bytes] = []
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            found = blobs.get("one")
            assert found is not None
            seen.append(found)

    reader = threading.Thread(target=read)
    reader.start()
    for letter in b"bcdefgh":
        blobs.put("one", bytes([letter]) * size)
    over.set()
    reader.join()
    assert {len(found) for found in seen} == {size}
    assert all(len(set(found)) == 1 for found in seen)


def test_what_one_puts_and_another_deletes_beside_it_fails_neither(blobs: DiskBlobs) -> None:
    faults: list[BaseException] = []

    def churn(name: str) -> None:
        try:
            for _ in range(60):
                blobs.put(name, b"x")
                assert blobs.get(name) == b"x"
                blobs.delete(name)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=churn, args=(f"a/b/{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_a_blob_and_its_name_are_on_the_disk_before_put_returns(
    blobs: DiskBlobs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    synced: list[str] = []
    true_fsync = os.fsync

    def fsync(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        true_fsync(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    blobs.put("a/b/1", b"x")
    folder = str(tmp_path / "data/a/b")
    assert any(path.startswith(f"{folder}/{UNFINISHED}") for path in synced)
    assert synced[-1] == folder
    assert {str(tmp_path / "data"), str(tmp_path / "data/a")} <= set(synced)


@pytest.mark.parametrize(
    "ask",
    [
        lambda blobs: blobs.put("a/1", b""),
        lambda blobs: blobs.get("a/1"),
        lambda blobs: blobs.delete("a/1"),
    ],
)
def test_a_disk_that_fails_is_said_without_its_paths(
    tmp_path: Path, ask: Callable[[DiskBlobs], Any]
) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(KeepingFailed) as failure:
        ask(DiskBlobs(tmp_path / "data"))
    assert str(tmp_path) not in failure.value.message
    assert failure.value.retry_after


def test_a_write_that_fails_leaves_what_was_there(
    blobs: DiskBlobs, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blobs.put("a/1", b"before")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KeepingFailed):
        blobs.put("a/1", b"after")
    assert blobs.get("a/1") == b"before"
    assert [path.name for path in (tmp_path / "data/a").iterdir()] == ["1"]


def test_what_a_killed_process_left_half_written_is_seen_by_nobody_and_tidied_up(
    blobs: DiskBlobs, tmp_path: Path
) -> None:
    blobs.put("a/1", b"x")
    old, young = (tmp_path / "data/a" / f"{UNFINISHED}{age}" for age in ("old", "young"))
    for path in (old, young):
        path.write_bytes(b"half")
    past = time.time() - LEFT_OVER_SECONDS - 1
    os.utime(old, (past, past))
    os.utime(tmp_path / "data/a/1", (past, past))
    assert [found.name for found in blobs.find("a/")] == ["a/1"]
    blobs.tidy()
    assert sorted(path.name for path in (tmp_path / "data/a").iterdir()) == [young.name, "1"]
