"""`make weights`, with the hub's real client against a hub on loopback."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from operate.failures import CommandError
from operate.image.checksums import DATE
from operate.image.record import File, Weights, load_record, save_record
from operate.image.weights import check_weights, get_weights
from tests.infrastructure.small_hub import BIG, COMMIT, FILES, MODEL, Hub, small_hub

ROOT = Path(__file__).parents[2]
TOOL = Path(sys.executable).parent / "hf"
KEPT = [name for name in FILES if name != "README.md"]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Hub]:
    with small_hub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
        yield hub


@pytest.fixture
def voice(tmp_path: Path) -> Path:
    """A folder like containers/voice; every model in its record is the small one."""
    return empty(tmp_path / "voice")


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after make weights."""
    folder = empty(tmp_path_factory.mktemp("fetched") / "voice")
    with small_hub() as hub, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_ENDPOINT", hub.url)
        patch.setenv("HF_HOME", str(folder.parent / "home"))
        assert f"{MODEL} (MIT)" in get_weights(folder, TOOL)
    return folder


@pytest.fixture
def full(fetched: Path, tmp_path: Path) -> Path:
    """A copy of it, to change."""
    return Path(shutil.copytree(fetched, tmp_path / "full"))


def empty(folder: Path) -> Path:
    folder.mkdir()
    record({"tts": known(), "asr": known(), "align/en": known()}, folder)
    return folder


def known(licence: str = "MIT") -> Weights:
    files = {n: File(len(FILES[n]), hashlib.sha256(FILES[n]).hexdigest()) for n in KEPT}
    return Weights(MODEL, licence, COMMIT, files)


def record(values: dict[str, Weights], folder: Path) -> None:
    save_record(folder / "weights.json", values)


def test_weights_come_with_a_note_of_what_they_are(fetched: Path) -> None:
    voice = fetched
    for name in KEPT:
        assert (voice / "models/tts" / name).read_bytes() == FILES[name]
    note = json.loads((voice / "models/tts/weights.json").read_text())
    assert (note["model"], note["revision"], note["licence"]) == (MODEL, COMMIT, "MIT")
    assert set(note["files"]) == set(KEPT)
    assert not (voice / "models/tts/README.md").exists()
    assert not list((voice / "models").rglob(".cache"))
    assert (voice / "models/nltk/tokenizers/punkt_tab/english/abbrev_types.txt").exists()
    check_weights(voice)


def test_what_is_there_is_not_downloaded_again(hub: Hub, full: Path) -> None:
    get_weights(full, TOOL)
    assert not hub.asked


def test_other_bytes_than_recorded_are_refused(hub: Hub, voice: Path) -> None:
    true, hub.files["config.json"] = hub.files["config.json"], b'{"model_type": "other"}'
    with pytest.raises(CommandError, match=r"config\.json has another checksum than the record"):
        get_weights(voice, TOOL)
    with pytest.raises(CommandError, match=r"models/tts: config\.json"):
        check_weights(voice)
    hub.files["config.json"] = true
    get_weights(voice, TOOL)
    check_weights(voice)


def test_a_download_that_broke_off_goes_on_where_it_ended(hub: Hub, voice: Path) -> None:
    hub.break_at = len(FILES[BIG]) // 2
    try:
        get_weights(voice, TOOL)
    except CommandError as error:
        assert "goes on where this one ended" in str(error)  # noqa: PT017
        get_weights(voice, TOOL)
    firsts = [first for name, first in hub.asked if name == BIG]
    assert 0 < firsts[1] <= len(FILES[BIG]) // 2
    assert (voice / "models/tts" / BIG).read_bytes() == FILES[BIG]


def test_a_file_that_was_changed_afterwards_is_no_longer_built(hub: Hub, full: Path) -> None:
    voice = full
    big = voice / "models/asr" / BIG
    big.write_bytes(FILES[BIG][:-1] + b"x")
    with pytest.raises(CommandError, match="another checksum"):
        check_weights(voice)
    big.unlink()
    with pytest.raises(CommandError, match="is missing"):
        check_weights(voice)
    (voice / "models/asr/more.bin").write_bytes(b"?")
    get_weights(voice, TOOL)
    check_weights(voice)
    assert not (voice / "models/asr/more.bin").exists()


def test_a_folder_of_no_record_is_not_built(full: Path) -> None:
    (full / "models/align/xx").mkdir()
    with pytest.raises(CommandError, match="align/xx is in no record"):
        check_weights(full)


def test_a_hub_that_gives_nothing_is_told_so(hub: Hub, voice: Path) -> None:
    absent = dataclasses.replace(known(), model="team/nobody")
    record({"tts": absent, "asr": known(), "align/en": known()}, voice)
    with pytest.raises(CommandError, match="Is the network there"):
        get_weights(voice, TOOL)


def test_a_full_disk_is_told_before_anything_is_downloaded(
    hub: Hub, voice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nearly_full = shutil.disk_usage(voice)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: nearly_full)
    with pytest.raises(CommandError, match="GB are free here"):
        get_weights(voice, TOOL)
    assert not hub.asked


def test_checksums_that_are_not_known_are_recorded_on_request_only(hub: Hub, full: Path) -> None:
    voice = full
    shutil.rmtree(voice / "models/align/en")
    new = Weights(MODEL, "MIT", None, None)
    record({"tts": known(), "asr": known(), "align/en": new}, voice)
    with pytest.raises(CommandError, match="RECORD=yes"):
        get_weights(voice, TOOL)
    assert not hub.asked
    hub.latest = True
    get_weights(voice, TOOL, record=True)
    assert load_record(voice / "weights.json")["align/en"] == known()
    check_weights(voice)


def test_a_licence_that_binds_is_accepted_by_name_or_the_model_is_not_taken(
    hub: Hub, full: Path
) -> None:
    voice = full
    record(
        {"tts": known(), "asr": known(), "align/en": known(), "align/de": known("CC-BY-NC-4.0")},
        voice,
    )
    with pytest.raises(CommandError, match=r"ACCEPT=cc-by-nc-4\.0"):
        get_weights(voice, TOOL, languages=["de"])
    get_weights(voice, TOOL, languages=["de"], accept="cc-by-nc-4.0")
    assert (voice / "models/align/de" / BIG).exists()
    get_weights(voice, TOOL)
    assert not (voice / "models/align/de").exists()


def test_a_language_without_a_model_is_refused_with_the_known_ones(hub: Hub, voice: Path) -> None:
    with pytest.raises(CommandError, match="there are en"):
        get_weights(voice, TOOL, languages=["tlh"])


def test_what_the_image_needs_is_recorded_to_the_last_file() -> None:
    record = load_record(ROOT / "containers/voice/weights.json")
    assert all(record[name].recorded for name in ("tts", "asr", "align/en"))
    assert sum(record[name].bytes for name in ("tts", "asr", "align/en")) == pytest.approx(
        8.0e9, rel=0.01
    )


def test_everybody_may_read_what_goes_into_the_image(hub: Hub, voice: Path) -> None:
    before = os.umask(0o077)
    try:
        get_weights(voice, TOOL)
    finally:
        os.umask(before)
    for path in (voice / "models").rglob("*"):
        wanted = 0o755 if path.is_dir() else 0o644
        assert path.stat().st_mode & 0o777 == wanted, path
        assert path.stat().st_mtime == DATE, path
