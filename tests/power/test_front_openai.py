"""OpenAI's own client at a GPU that sleeps: what it raises, and what its caller reads."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest
from openai import DefaultHttpxClient, OpenAI

from power.answers import FAULT, KEY_NEEDED
from power.table import DynamoStore
from tests.power.front_door import door
from tests.power.house import ALICE, House

ASLEEP = "The GPU is asleep; it is being started (usually 6 min)."
PATHS = ["/tts/v1/models", "/tts/v1/audio/speech", "/whisperx/v1/audio/transcriptions", "/tts/v1"]


@pytest.fixture
def url(house: House) -> Iterator[str]:
    with door(house) as found:
        yield found


def client(url: str, key: str = ALICE) -> OpenAI:
    return OpenAI(
        base_url=url, api_key=key, max_retries=0, http_client=DefaultHttpxClient(trust_env=False)
    )


def test_speech_from_a_sleeping_gpu_is_a_server_error_that_says_when_to_come_back(
    house: House, url: str
) -> None:
    with pytest.raises(openai.InternalServerError) as raised:
        client(f"{url}/tts/v1").audio.speech.create(model="tts-1", voice="alloy", input="Hello.")
    error = raised.value
    assert (error.status_code, error.response.headers["Retry-After"]) == (503, "540")
    assert ASLEEP in error.message
    assert (error.type, error.code, error.param) == ("server_error", None, None)
    assert house.store.read().wishes["live"].by == "alice"


def test_a_recording_sent_to_a_sleeping_gpu_is_the_same_error_and_wakes_it(
    house: House, url: str
) -> None:
    with pytest.raises(openai.InternalServerError, match="The GPU is asleep"):
        client(f"{url}/whisperx/v1").audio.transcriptions.create(
            model="whisper-1", file=("a.wav", b"RIFF" + bytes(4096), "audio/wav")
        )
    assert len(house.woken) == 1


def test_a_list_of_models_wakes_it_as_any_other_call(house: House, url: str) -> None:
    with pytest.raises(openai.InternalServerError):
        client(f"{url}/tts/v1").models.list()
    assert len(house.woken) == 1


def test_a_wrong_key_is_an_authentication_error_and_wakes_nothing(house: House, url: str) -> None:
    with pytest.raises(openai.AuthenticationError) as raised:
        client(f"{url}/tts/v1", "gv_nobody-s").models.list()
    error = raised.value
    assert KEY_NEEDED in error.message
    assert (error.type, error.code) == ("invalid_request_error", "invalid_api_key")
    assert house.woken == []


@pytest.mark.parametrize("path", PATHS)
def test_its_fields_stand_beside_those_that_every_sleeping_answer_has(
    house: House, path: str
) -> None:
    plain = house.call("/tts/generate")
    answer = house.call(path)
    assert answer.status == plain.status == 503
    assert answer.headers["Retry-After"] == plain.headers["Retry-After"]
    rest = {name: value for name, value in plain.body.items() if name != "error"}
    shown = dict(answer.body)
    assert shown.pop("error") == {
        "message": plain.body["error"], "type": "server_error", "param": None, "code": None,
    }  # fmt: skip
    assert shown == rest


def test_a_fault_has_that_shape_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: DynamoStore) -> None:
        raise RuntimeError("/secret/place")

    monkeypatch.setattr(DynamoStore, "read", broken)
    answer = house.call("/whisperx/v1/audio/transcriptions")
    assert answer.status == 500
    assert answer.body["error"]["message"] == FAULT
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", [
    "/tts/v1x/models", "/tts/generate", "/tts/health", "/whisperx/jobs/v1", "/power/v1",
    "/v1/models",
])  # fmt: skip
def test_no_other_path_has_it(house: House, path: str) -> None:
    for key in (ALICE, None):
        assert isinstance(house.call(path, key).body["error"], str)
