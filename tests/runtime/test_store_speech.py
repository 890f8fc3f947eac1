"""A text that was spoken before is not spoken again, and what is another text is."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.patience import until
from tests.runtime.diced_voice import DicedVoice
from tests.runtime.stores import Open, entries, kept, opening
from voicehost.app import host
from voicehost.engines.clock import ClockVoice
from voicehost.engines.step_cost import CURVES

TEXT = "The ferry leaves at nine."
ASKED = {"text": TEXT, "seed": 7, "voice": "ryan", "instruct": "Calmly.", "language": "en"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def servers(folder: Path) -> Iterator[Open]:
    with opening(folder) as make:
        yield make


@pytest.fixture
def voice() -> DicedVoice:
    return DicedVoice()


@pytest.fixture
def app(servers: Open, voice: DicedVoice) -> Flask:
    return served(servers, voice)


def served(servers: Open, voice: DicedVoice, **given: Any) -> Flask:
    """A server of this voice, which has said nothing but its first word."""
    made = servers(voice, **given)
    voice.spoken.clear()
    return made


def say(app: Flask, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = app.test_client().post("/generate", json=body, headers=named)
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def test_the_same_call_again_costs_no_engine_call(
    app: Flask, voice: DicedVoice, folder: Path
) -> None:
    first = say(app, ASKED)
    kept(folder, 1)
    again = say(app, ASKED)
    assert (first.pop("reused"), again.pop("reused")) == (False, True)
    assert first == again
    assert len(voice.spoken) == 1


def test_nothing_is_kept_unless_somebody_turns_it_on(
    servers: Open, voice: DicedVoice, folder: Path
) -> None:
    app = served(servers, voice, store_days=0)
    assert [say(app, ASKED)["reused"] for _ in range(2)] == [False, False]
    assert len(voice.spoken) == 2
    host(app).close()  # which writes what waits
    assert entries(folder) == []


@pytest.mark.parametrize(
    "other",
    [
        {"text": "The ferry leaves at ten."},
        {"text": "At nine the ferry leaves."},
        {"text": TEXT.lower()},
        {"seed": 8},
        {"voice": "vivian"},
        {"voice": None},
        {"instruct": "Hastily."},
        {"instruct": None},
        {"language": "de"},
    ],
)
def test_what_differs_in_anything_is_spoken(
    app: Flask, voice: DicedVoice, folder: Path, other: dict[str, Any]
) -> None:
    say(app, ASKED)
    kept(folder, 1)
    assert say(app, {**ASKED, **other})["reused"] is False
    assert len(voice.spoken) == 2


def test_another_model_speaks_anew(servers: Open, voice: DicedVoice, folder: Path) -> None:
    say(served(servers, voice), ASKED)
    kept(folder, 1)
    same, other = DicedVoice(), DicedVoice("two")
    assert say(served(servers, same), ASKED)["reused"] is True
    assert say(served(servers, other), ASKED)["reused"] is False
    assert (len(same.spoken), len(other.spoken)) == (0, 1)


def test_pieces_cut_elsewhere_are_another_clip(
    servers: Open, voice: DicedVoice, folder: Path
) -> None:
    body = {"text": f"{TEXT} {TEXT}", "seed": 1}
    say(served(servers, voice), body)
    kept(folder, 1)
    assert say(served(servers, voice, piece_characters=40), body)["reused"] is False


def test_what_is_said_alike_is_the_same_text(app: Flask, voice: DicedVoice, folder: Path) -> None:
    say(app, {"text": TEXT.rstrip("."), "seed": 1})
    kept(folder, 1)
    decorated = f"Speaker 2: {TEXT} Amazing."
    assert say(app, {"text": decorated, "seed": 1, "voice": "Tone"})["reused"] is True
    assert len(voice.spoken) == 1


def test_whoever_asks_for_no_seed_gets_any_take_and_its_seed(
    app: Flask, voice: DicedVoice, folder: Path
) -> None:
    first = say(app, {"text": TEXT})
    kept(folder, 2)
    again = say(app, {"text": TEXT})
    same = say(app, {"text": TEXT, "seed": first["seed"]})
    assert again["seed"] == same["seed"] == first["seed"]
    assert again["audio"] == same["audio"] == first["audio"]
    assert again["reused"] is same["reused"] is True
    assert say(app, {"text": TEXT, "seed": (first["seed"] + 1) % 2**32})["reused"] is False


def test_a_take_that_was_cut_off_is_given_for_its_seed_alone(
    servers: Open, voice: DicedVoice, folder: Path
) -> None:
    voice.endless = [TEXT]
    app = served(servers, voice)
    first = say(app, {"text": TEXT})
    kept(folder, 1)
    again = say(app, {"text": TEXT, "seed": first["seed"]})
    assert (again["finish_reason"], again["reused"]) == ("length", True)
    assert say(app, {"text": TEXT})["reused"] is False


def test_no_cache_makes_a_new_take_and_keeps_that(app: Flask, folder: Path) -> None:
    first = say(app, {"text": TEXT})
    kept(folder, 2)
    renewed = say(app, {"text": TEXT}, Cache_Control="no-cache")
    assert renewed["reused"] is False
    assert renewed["seed"] != first["seed"]
    until(lambda: say(app, {"text": TEXT})["seed"] == renewed["seed"])
    assert say(app, {"text": TEXT})["audio"] == renewed["audio"]
    assert say(app, {"text": TEXT, "seed": first["seed"]})["audio"] == first["audio"]


def test_no_store_gives_nothing_of_what_is_there(
    app: Flask, voice: DicedVoice, folder: Path
) -> None:
    say(app, ASKED)
    kept(folder, 1)
    assert say(app, ASKED, Cache_Control="no-store")["reused"] is False
    assert len(voice.spoken) == 2


def test_no_store_keeps_nothing(app: Flask, folder: Path) -> None:
    say(app, ASKED, Cache_Control="no-store")
    say(app, {"text": TEXT}, Cache_Control="max-age=0, no-store")
    host(app).close()  # which writes what waits
    assert entries(folder) == []


def test_a_take_asked_for_by_its_seed_is_not_given_to_others(app: Flask, folder: Path) -> None:
    say(app, {"text": TEXT, "seed": 7})
    kept(folder, 1)
    assert say(app, {"text": TEXT})["reused"] is False


def test_of_a_batch_only_what_is_missing_is_spoken(
    app: Flask, voice: DicedVoice, folder: Path
) -> None:
    texts = [f"Sentence number {number}." for number in range(12)]
    known = {"texts": texts[3:9], "seeds": list(range(3, 9))}
    app.test_client().post("/generate_batch", json=known)
    kept(folder, 6)
    voice.spoken.clear()
    order = [8, 0, 3, 11, 5]
    body = {"texts": [texts[n] for n in order], "seeds": order}
    batch = app.test_client().post("/generate_batch", json=body).get_json()
    assert [take["reused"] for take in batch["takes"]] == [True, False, True, False, True]
    assert sorted(spoken.seed for spoken in voice.spoken) == [0, 11]
    for number, audio in zip(order, batch["audios"], strict=True):
        alone = say(app, {"text": texts[number], "seed": number}, Cache_Control="no-store")
        assert alone["audio"] == audio


def test_bytes_and_json_share_what_is_kept(app: Flask, voice: DicedVoice, folder: Path) -> None:
    wav = say(app, ASKED)["audio"]
    kept(folder, 1)
    answer = app.test_client().post("/generate", json=ASKED, headers={"Accept": "audio/wav"})
    assert answer.data == base64.b64decode(wav)
    assert len(voice.spoken) == 1


def test_a_voice_without_chance_says_the_seed_that_was_asked_for(
    servers: Open, folder: Path
) -> None:
    app = servers(ClockVoice(CURVES["t4"], rows=8, speed=1000.0))
    assert say(app, {"text": TEXT, "seed": 3})["seed"] == 3
    kept(folder, 1)
    again = say(app, {"text": TEXT, "seed": 4})
    assert (again["seed"], again["reused"]) == (4, True)
