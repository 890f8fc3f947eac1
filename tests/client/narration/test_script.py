"""What a narration may be written like, and how a mistake in it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gpuvoice import ConfigError
from gpuvoice.narration import Segment, read_narration


def written(folder: Path, data: Any, name: str = "talk.json") -> Path:
    path = folder / name
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


def test_all_fields_are_read_and_unknown_ones_are_left_alone(tmp_path: Path) -> None:
    first = {"id": "a", "text": "A.", "instruct": "Calm.", "voice": "ryan", "language": "en"}
    data = {"title": "T", "segments": [first, {"id": "b", "text": "B.", "marker": 3}], "x": 1}
    narration = read_narration(written(tmp_path, data))
    assert narration.title == "T"
    assert narration.segments == (Segment(**first), Segment("b", "B."))


def test_a_plain_list_has_the_name_of_its_file_as_title(tmp_path: Path) -> None:
    narration = read_narration(written(tmp_path, [{"id": "a", "text": "A."}]))
    assert (narration.title, len(narration.segments)) == ("talk", 1)


def test_in_a_text_each_paragraph_is_a_segment_and_keeps_its_name(tmp_path: Path) -> None:
    text = "One\nand more.\n\n  \nTwo.\n\nTwo.\n"
    before = read_narration(written(tmp_path, text, "talk.txt")).segments
    assert [segment.text for segment in before] == ["One and more.", "Two.", "Two."]
    assert len({segment.id for segment in before}) == 3
    after = read_narration(written(tmp_path, f"New.\n\n{text}", "talk.txt")).segments
    assert after[1:] == before


def entry(**fields: Any) -> list[dict[str, Any]]:
    return [{"id": "s01", "text": "A text.", **fields}]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("{", "no JSON: line 1"),
        ("", "is empty"),
        ("\ufeff \n", "is empty"),
        ("[" * 60_000, "no narration"),
        ('"text"', "no narration"),
        ({"segments": []}, "no segments"),
        ({"text": "A."}, "no narration"),
        ([3], "segment 1 must be an object"),
        ([{"text": "A."}], "segment 1 needs an id"),
        (entry(id="../s01"), "segment 1 needs an id"),
        (entry(id="a/b"), "segment 1 needs an id"),
        (entry(id=".s01"), "segment 1 needs an id"),
        (entry(id="s01."), "segment 1 needs an id"),
        (entry(id="NUL"), "segment 1 needs an id"),
        (entry(id="aux.1"), "segment 1 needs an id"),
        (entry(id="x" * 65), "segment 1 needs an id"),
        (entry(id=1), "segment 1 needs an id"),
        (entry(id="s01\n"), "segment 1 needs an id"),
        (entry(text=""), "segment 's01' has no text"),
        (entry(text=5), "segment 's01' has no text"),
        (entry(voice=5), "voice of segment 's01'"),
        (entry() + entry(), "two segments have the id 's01'"),
        (entry(id="a") + entry(id="a"), "two segments have the id 'a'"),
        (entry() + entry(id="S01"), "two segments have the id 'S01'"),
    ],
)
def test_a_mistake_is_told_in_words(tmp_path: Path, data: Any, told: str) -> None:
    with pytest.raises(ConfigError, match=r"talk\.json") as caught:
        read_narration(written(tmp_path, data))
    assert told in str(caught.value)


def test_a_very_long_id_is_not_told_at_length(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="segment 1 needs an id") as caught:
        read_narration(written(tmp_path, entry(id="x" * 100_000)))
    assert len(str(caught.value)) < 400


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_narration(tmp_path / "talk.json")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_narration(tmp_path)
    (tmp_path / "talk.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="UTF-8"):
        read_narration(tmp_path / "talk.json")
