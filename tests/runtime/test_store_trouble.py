"""A store that is damaged, full, away or slow is an empty one: no caller feels it."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.patience import until
from tests.runtime.diced_voice import DicedVoice
from tests.runtime.stores import Open, entries, kept, opening
from voicehost.app import host
from voicehost.blobs.disk import DiskBlobs
from voicehost.errors import KeepingFailed
from voicehost.memory import store as store_module
from voicehost.memory.store import AudioStore
from voicehost.telemetry.metrics import Metrics

ASKED = {"text": "The ferry leaves at nine.", "seed": 7}
NAME = "store/ab/" + "ab" * 32
DAY = 86_400.0


class Failing(DiskBlobs):
    """A place of which somebody pulls the plug; `asked` counts who came nevertheless."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.away = False
        self.asked = 0

    def get(self, name: str) -> bytes | None:
        self._check()
        return super().get(name)

    def put(self, name: str, data: bytes) -> None:
        self._check()
        super().put(name, data)

    def _check(self) -> None:
        self.asked += 1
        if self.away:
            raise KeepingFailed("away") from OSError("unplugged")


class Hanging(DiskBlobs):
    """Answers nothing before it is let go."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.go = threading.Event()

    def get(self, name: str) -> bytes | None:
        self.go.wait(60)
        return None

    def put(self, name: str, data: bytes) -> None:
        self.go.wait(60)
        super().put(name, data)


class Watched:
    """A store and what it counted."""

    def __init__(self, blobs: DiskBlobs, **given: Any) -> None:
        self.out = io.StringIO()
        self.metrics = Metrics("test", out=self.out)
        self.now = 1_000_000_000.0
        more = {"days": 1, "most_bytes": 2**30, **given}
        self.store = AudioStore(blobs, self.metrics, now=lambda: self.now, **more)

    def keep(self, name: str = NAME, body: bytes = b"body") -> None:
        self.store.keep([name], {}, lambda: body, len(body))

    def find(self, name: str = NAME) -> bytes | None:
        return self.store.find([name], lambda head, body: body)[0]

    def counted(self, name: str) -> float:
        self.metrics.write()
        lines = [json.loads(line) for line in self.out.getvalue().splitlines()]
        return sum(sum(line.get(name, [])) for line in lines)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def servers(folder: Path) -> Iterator[Open]:
    with opening(folder) as make:
        yield make


@pytest.fixture
def made() -> Iterator[list[Watched]]:
    watched: list[Watched] = []
    yield watched
    for each in watched:
        each.store.close()


def watch(made: list[Watched], blobs: DiskBlobs, **given: Any) -> Watched:
    made.append(Watched(blobs, **given))
    return made[-1]


@pytest.mark.parametrize("damage", ["one byte", "half", "nothing left", "of another text"])
def test_a_damaged_entry_is_spoken_anew_and_replaced(
    servers: Open, folder: Path, damage: str
) -> None:
    app = servers(voice := DicedVoice())
    client = app.test_client()
    good = client.post("/generate", json=ASKED).get_json()
    other = {"text": "Another text altogether.", "seed": 7}
    client.post("/generate", json=other)
    kept(folder, 2)
    one, two = entries(folder)
    data = one.read_bytes()
    middle = len(data) // 2
    flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    damaged = {
        "one byte": flipped,
        "half": data[:middle],
        "nothing left": b"",
        "of another text": two.read_bytes(),
    }[damage]
    one.write_bytes(damaged)
    voice.spoken.clear()
    answers = [client.post("/generate", json=each).get_json() for each in (ASKED, other)]
    assert sorted(answer["reused"] for answer in answers) == [False, True]
    assert answers[0]["audio"] == good["audio"]
    assert len(voice.spoken) == 1
    until(lambda: one.exists() and one.read_bytes() != damaged)
    assert client.post("/generate", json=ASKED).get_json()["reused"] is True


def test_an_entry_that_cannot_be_replaced_is_gone(made: list[Watched], folder: Path) -> None:
    watched = watch(made, DiskBlobs(folder))
    watched.keep()
    kept(folder, 1)
    (entry,) = entries(folder)
    entry.write_bytes(b"noise")
    assert watched.find() is None
    assert entries(folder) == []


def test_what_has_expired_is_not_given(made: list[Watched], folder: Path) -> None:
    watched = watch(made, DiskBlobs(folder))
    watched.keep()
    kept(folder, 1)
    watched.now += DAY - 1
    assert watched.find() == b"body"
    watched.now += 2
    assert watched.find() is None


def test_a_disk_that_fails_costs_no_call(servers: Open, folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file where the folder should be")
    app = servers(DicedVoice())
    answers = [app.test_client().post("/generate", json=ASKED) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert host(app).memory is not None


def test_a_place_that_failed_is_left_alone_for_a_while(
    made: list[Watched], folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blobs = Failing(folder)
    watched = watch(made, blobs)
    watched.keep()
    kept(folder, 1)
    blobs.away = True
    with caplog.at_level(logging.WARNING):
        assert watched.find() is None
        asked = blobs.asked
        for _ in range(5):
            assert watched.find() is None
            watched.keep("store/cd/" + "cd" * 32)
    watched.store.close()  # which writes what waits
    assert blobs.asked == asked
    assert [record.message for record in caplog.records] == ["the audio store fails"]
    assert watched.counted("StoreFailures") == 1
    assert watched.counted("StoreMisses") == 6


def test_a_place_that_cannot_be_written_is_left_alone_too(
    made: list[Watched], folder: Path
) -> None:
    blobs = Failing(folder)
    watched = watch(made, blobs)
    blobs.away = True
    watched.keep()
    until(lambda: watched.counted("StoreFailures") == 1)
    asked = blobs.asked
    assert watched.find() is None
    assert blobs.asked == asked


def test_a_place_that_works_again_is_used_again(
    made: list[Watched], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicehost.memory.trouble.REST_SECONDS", 0.0)
    blobs = Failing(folder)
    watched = watch(made, blobs)
    watched.keep()
    kept(folder, 1)
    blobs.away = True
    assert watched.find() is None
    blobs.away = False
    assert watched.find() == b"body"


def test_a_place_that_hangs_is_waited_for_once(
    made: list[Watched], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "STILL_SECONDS", 0.05)
    blobs = Hanging(folder)
    watched = watch(made, blobs)
    try:
        assert watched.find() is None
        assert watched.counted("StoreFailures") == 1
        assert watched.find() is None
        assert watched.counted("StoreFailures") == 1
    finally:
        blobs.go.set()


def test_what_cannot_be_written_fast_enough_is_not_kept(
    made: list[Watched], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "MOST_WAITING_BYTES", 100)
    blobs = Hanging(folder)
    watched = watch(made, blobs)
    names = [f"store/ab/{number:064}" for number in range(4)]
    for name in names:
        watched.keep(name, bytes(40))
    assert watched.counted("StoreFailures") == 2
    blobs.go.set()
    kept(folder, 2)

    def there_is_room_again() -> bool:
        watched.keep(names[3], bytes(40))
        return len(entries(folder)) == 3

    until(there_is_room_again)


def test_closing_writes_what_waits(folder: Path) -> None:
    watched = Watched(DiskBlobs(folder))
    names = [f"store/ab/{number:064}" for number in range(50)]
    for name in names:
        watched.keep(name, bytes(1000))
    watched.store.close()
    assert len(entries(folder)) == 50
    watched.keep()
    assert watched.find(names[0]) is None


def test_entries_are_the_owners_alone(made: list[Watched], folder: Path) -> None:
    watch(made, DiskBlobs(folder)).keep()
    kept(folder, 1)
    (entry,) = entries(folder)
    modes = [path.stat().st_mode & 0o777 for path in (entry, entry.parent, entry.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]
