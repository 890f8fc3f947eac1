"""A team's server speaks with its own voice, unless its `/health` says that it has several."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.runtime.conftest import started
from voicehost.adopted.engine import AdoptedEngine
from voicehost.app import create_app, host
from voicehost.settings import VoiceHostSettings

MakeTeam = Callable[[dict[str, Any]], FlaskClient]
# Says what it was sent, in the place of sound.
MODULE = """
from flask import Flask, request
app = Flask(__name__)
def initialize_model(): pass
@app.get("/health")
def health(): return {told!r}
@app.post("/generate")
@app.post("/generate_batch")
@app.post("/mine")
def speak(): return {{"success": True, "body": request.get_data(as_text=True)}}
"""


@pytest.fixture
def team(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MakeTeam]:
    """Makes servers of a module whose `/health` says this."""
    made: list[Flask] = []

    def make(told: dict[str, Any]) -> FlaskClient:
        file = tmp_path / "team_voices.py"
        file.write_text(MODULE.format(told=told), encoding="utf-8")
        settings = VoiceHostSettings(tts_app=str(file))
        made.append(started(create_app(AdoptedEngine("tts", settings), settings)))
        return made[-1].test_client()

    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "modules", sys.modules.copy())
    yield make
    for app in made:
        host(app).close()


def error(client: FlaskClient, body: object, path: str = "/generate") -> str | None:
    """Of a request that was refused before the module saw it; None when it saw all of it."""
    answer = client.post(path, json=body)
    told = answer.get_json()
    if answer.status_code == 200:
        assert told["body"]
        return None
    assert (answer.status_code, told["success"]) == (400, False)
    return str(told["error"])


def test_health_names_the_own_speaker_alone(team: MakeTeam) -> None:
    assert team({"speaker": "Ada"}).get("/health").get_json()["voices"] == ["Ada"]


def test_without_a_speaker_of_its_own_it_is_that_of_the_settings(team: MakeTeam) -> None:
    told = team({}).get("/health").get_json()
    assert told["voices"] == [told["speaker"]] == ["Aiden"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"text": "Hi.", "voice": "ryan"}, "voice: this server speaks as Ada only."),
        ({"text": "Hi.", "voice": 5}, "voice: this server speaks as Ada only."),
        ({"texts": ["Hi."] * 2, "voices": [None, "x"]}, "voices[1]: this server speaks as Ada"),
        ({"texts": ["Hi."], "voices": "ryan"}, "voices: this server speaks as Ada only."),
    ],
)
def test_another_voice_is_refused_and_never_taken_for_the_own(
    team: MakeTeam, body: dict[str, object], says: str
) -> None:
    client = team({"speaker": "Ada"})
    for path in ("/generate", "/generate_batch"):
        assert says in str(error(client, body, path))


@pytest.mark.parametrize(
    "body",
    [
        {"text": "Hi."},
        {"text": 'He said "voice": "ryan".'},
        {"text": "Hi.", "voice": None},
        {"text": "Hi.", "voice": "ADA"},
        {"texts": ["Hi."] * 3, "voices": [None, "", "ada"]},
        ["voice", "ryan"],
    ],
)
def test_everything_else_reaches_it_as_it_was(team: MakeTeam, body: object) -> None:
    assert error(team({"speaker": "Ada"}), body) is None


@pytest.mark.parametrize("body", [b'{"voice": ', b'{"voice": ' + b"[" * 99_999, b'"voice\xff'])
def test_what_is_no_json_is_its_own_to_judge(team: MakeTeam, body: bytes) -> None:
    answer = team({}).post("/generate", data=body, content_type="application/json")
    assert answer.status_code == 200


def test_paths_of_its_own_take_what_they_like(team: MakeTeam) -> None:
    assert error(team({}), {"voice": "ryan"}, "/mine") is None


def test_a_server_that_lists_voices_is_asked_for_those_and_no_others(team: MakeTeam) -> None:
    client = team({"speaker": "Ada", "voices": ["Ada", "Grace"]})
    assert client.get("/health").get_json()["voices"] == ["Ada", "Grace"]
    assert error(client, {"text": "Hi.", "voice": "grace"}) is None
    refused = error(client, {"text": "Hi.", "voice": "Linus"})
    assert refused == "voice: this server speaks as Ada, Grace only."


@pytest.mark.parametrize("voices", [[], "Grace", [1], {"Grace": 1}])
def test_a_list_that_is_none_counts_as_no_choice(team: MakeTeam, voices: object) -> None:
    client = team({"speaker": "Ada", "voices": voices})
    assert client.get("/health").get_json()["voices"] == ["Ada"]
    assert error(client, {"text": "Hi.", "voice": "Grace"}) is not None
