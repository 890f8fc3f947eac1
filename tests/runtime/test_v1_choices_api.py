"""What a caller of `/v1` may choose from: voices, models, and names that OpenAI gives them."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.runtime.conftest import MakeApp
from voicehost.errors import UnknownModel
from voicehost.keys import new_key
from voicehost.v1.names import SPEECH_MODELS, check_model

VOICES, MODELS = "/v1/audio/voices", "/v1/audio/models"


def spoken(answer: TestResponse) -> bytes:
    assert answer.status_code == 200
    return bytes(answer.data)


def test_each_listed_voice_speaks(clock_app: MakeApp) -> None:
    client = clock_app(openai_voices=("alloy=Aiden", "narrator=ryan")).test_client()
    voices = client.get(VOICES).get_json()["voices"]
    assert {"id": "alloy", "name": "alloy (aiden)"} in voices
    names = {voice["id"]: voice["name"] for voice in voices}
    assert names["narrator"] == "narrator (ryan)"
    own = client.get("/health").get_json()["voices"]
    assert set(names) == {"alloy", "narrator", *own}
    assert all(names[name] == name for name in own)
    for name in names:
        body = {"model": "tts-1", "voice": name, "input": "Hi.", "response_format": "pcm"}
        assert spoken(client.post("/v1/audio/speech", json=body, buffered=True))


def test_each_listed_model_speaks(clock_app: MakeApp) -> None:
    client = clock_app().test_client()
    models = [model["id"] for model in client.get(f"/tts{MODELS}").get_json()["models"]]
    assert set(SPEECH_MODELS) < set(models)
    for model in models:
        body = {"model": model, "voice": "alloy", "input": "Hi.", "response_format": "pcm"}
        assert spoken(client.post("/v1/audio/speech", json=body, buffered=True))


@pytest.mark.parametrize("path", [VOICES, MODELS])
def test_the_lists_need_a_key_like_work_and_are_the_text_servers(
    clock_app: MakeApp, path: str
) -> None:
    key, digest = new_key()
    keyed = clock_app(keys=f"alice={digest}").test_client()
    refused = keyed.get(path)
    assert refused.status_code == 401
    assert refused.get_json()["error"]["code"] == "invalid_api_key"
    assert keyed.get(path, headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert clock_app("whisperx").test_client().get(path).status_code == 404


@pytest.mark.parametrize(
    "given",
    [
        "own",
        "tts-1",
        "tts-1-2023-11-06",
        "gpt-4o-mini-tts-2025-12-15",
        "gpt-4o-mini-tts-2031-01-02",
    ],
)
def test_a_models_name_may_have_its_day_behind_it(given: str) -> None:
    check_model(given, "own", SPEECH_MODELS)


@pytest.mark.parametrize(
    "given",
    [
        "own-2025-01-01",
        "tts-9-2025-01-01",
        "tts-1-2025-1-1",
        "tts-1-2025-01-01x",
        "-2025-01-01",
        "tts-1-2025-01-01\n",
        "tts-1-2025-01-01-2025-01-01",
    ],
)
def test_other_endings_make_another_model(given: str) -> None:
    with pytest.raises(UnknownModel):
        check_model(given, "own", SPEECH_MODELS)
