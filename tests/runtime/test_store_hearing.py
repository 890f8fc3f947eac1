"""A recording that was heard before is not heard again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask

from tests.runtime.conftest import sound_base64
from tests.runtime.stores import Open, entries, kept, opening
from voicehost.app import host
from voicehost.engines.clock import ClockAligner, ClockTranscriber
from voicehost.engines.protocol import HearingEngines
from voicehost.errors import EngineFault
from voicehost.queueing.batch import Batch

# Samples of 16 bit, which every file here keeps exactly.
HUM = (np.round(16000 * np.sin(np.arange(16000) / 20)) / 32768).astype(np.float32)
AUDIO = sound_base64(HUM, 16000)
LANGUAGES: tuple[str, ...] = ("en", "de")


class Transcriber(ClockTranscriber):
    languages = LANGUAGES


class Aligner(ClockAligner):
    """Cannot align the word `never`."""

    languages = LANGUAGES

    def run(self, batch: Batch) -> None:
        for work in batch.step():
            if work.payload.text == "never":
                batch.fail(work, EngineFault("It cannot."))
        super().run(batch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def servers(folder: Path) -> Iterator[Open]:
    with opening(folder) as make:
        yield make


@pytest.fixture
def app(servers: Open) -> Flask:
    return servers(HearingEngines(Transcriber(speed=1000.0), Aligner()))


def steps(app: Flask) -> int:
    """Moves with everything that an engine does."""
    return sum(scheduler.steps for scheduler in host(app).schedulers.values())


def hear(app: Flask, path: str, body: dict[str, Any], **headers: str) -> tuple[Any, bool]:
    """The answer, and whether an engine was needed for it."""
    before = steps(app)
    answer = app.test_client().post(path, json=body, headers=headers)
    return answer.get_json(), steps(app) > before


CALLS: list[tuple[str, dict[str, Any]]] = [
    ("/transcribe", {"audio": AUDIO}),
    ("/transcribe_batch", {"audios": [AUDIO]}),
    ("/align", {"audio": AUDIO, "text": "one two"}),
    ("/align_batch", {"items": [{"audio": AUDIO, "text": "one two"}]}),
]


@pytest.mark.parametrize(("path", "body"), CALLS)
def test_the_same_recording_again_needs_no_engine(
    app: Flask, folder: Path, path: str, body: dict[str, Any]
) -> None:
    first, worked = hear(app, path, body)
    assert (first["success"], worked) == (True, True)
    kept(folder, 1)
    assert hear(app, path, body) == (first, False)


def test_one_call_and_a_batch_share_what_is_kept(app: Flask, folder: Path) -> None:
    hear(app, "/transcribe", {"audio": AUDIO})
    hear(app, "/align", {"audio": AUDIO, "text": "one"})
    kept(folder, 2)
    assert not hear(app, "/transcribe_batch", {"audios": [AUDIO]})[1]
    assert not hear(app, "/align_batch", {"items": [{"audio": AUDIO, "text": "one"}]})[1]


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("/transcribe", {"language": "de"}),
        ("/transcribe", {"audio": sound_base64(HUM * np.float32(0.9), 16000)}),
        ("/transcribe", {"audio": sound_base64(HUM[:-1], 16000)}),
        ("/align", {"language": "de"}),
        ("/align", {"text": "two one"}),
        ("/align", {"audio": sound_base64(HUM * np.float32(0.9), 16000)}),
    ],
)
def test_what_differs_in_anything_is_heard(
    app: Flask, folder: Path, path: str, other: dict[str, Any]
) -> None:
    body = {"audio": AUDIO, "text": "one two"}
    hear(app, path, body)
    kept(folder, 1)
    assert hear(app, path, {**body, **other})[1]


def test_the_same_samples_in_another_file_are_the_same_recording(app: Flask, folder: Path) -> None:
    hear(app, "/transcribe", {"audio": AUDIO})
    kept(folder, 1)
    assert not hear(app, "/transcribe", {"audio": sound_base64(HUM, 16000, "FLAC")})[1]


def test_another_model_hears_anew(servers: Open, app: Flask, folder: Path) -> None:
    hear(app, "/transcribe", {"audio": AUDIO})
    kept(folder, 1)
    other = Transcriber(speed=1000.0)
    other.model = "another"
    changed = servers(HearingEngines(other, Aligner()))
    assert hear(changed, "/transcribe", {"audio": AUDIO})[1]


def test_a_failure_is_never_kept(app: Flask, folder: Path) -> None:
    items = [{"audio": AUDIO, "text": text} for text in ("one", "never", "two")]
    for _ in range(2):
        answer, worked = hear(app, "/align_batch", {"items": items})
        assert worked
        assert [bool(item.get("error")) for item in answer["alignments"]] == [False, True, False]
        kept(folder, 2)


def test_an_item_without_an_answer_leaves_the_others_where_they_belong(
    app: Flask, folder: Path
) -> None:
    hear(app, "/align", {"audio": AUDIO, "text": "known"})
    kept(folder, 1)
    texts = ["first words", "never", "known", "last"]
    items: list[Any] = [{"audio": AUDIO, "text": text} for text in texts]
    items.insert(1, {"text": "no audio"})
    answer, _ = hear(app, "/align_batch", {"items": items})
    said = [" ".join(w["word"] for w in item["words"]) for item in answer["alignments"]]
    assert said == ["first words", "", "", "known", "last"]


def test_no_cache_hears_anew_and_keeps_that(app: Flask, folder: Path) -> None:
    body = {"audio": AUDIO}
    assert hear(app, "/transcribe", body, **{"Cache-Control": "no-cache"})[1]
    kept(folder, 1)
    assert hear(app, "/transcribe", body, **{"Cache-Control": "no-cache"})[1]
    assert not hear(app, "/transcribe", body)[1]


def test_no_store_neither_gives_nor_keeps(app: Flask, folder: Path) -> None:
    items = {"items": [{"audio": AUDIO, "text": "one"}]}
    hear(app, "/transcribe", {"audio": AUDIO})
    kept(folder, 1)
    for path, body in (("/transcribe", {"audio": AUDIO}), ("/align_batch", items)):
        assert hear(app, path, body, **{"Cache-Control": "no-store"})[1]
    host(app).close()  # which writes what waits
    assert len(entries(folder)) == 1
