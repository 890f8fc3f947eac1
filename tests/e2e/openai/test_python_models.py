"""`openai` for Python looks for models."""

from __future__ import annotations

import openai
import pytest
from openai import OpenAI

from tests import web
from tests.e2e.samples import SECRET
from tests.servers import Running

SPEAKS = "hibari-tts/heart"


def test_one_base_url_lists_the_models_of_both_servers(client: OpenAI, servers: Running) -> None:
    with OpenAI(base_url=f"{servers.whisperx}/v1", api_key=SECRET) as ears:
        heard = {model.id for model in ears.models.list()}
    models = client.models.list().data
    names = [model.id for model in models]
    assert len(names) == len(set(names))
    assert {SPEAKS, "tts-1", "tts-1-hd", "gpt-4o-mini-tts", "whisper-1", *heard} <= set(names)
    assert all(model.object == "model" and model.owned_by for model in models)
    assert all(model.created > 1_600_000_000 for model in models)


def test_the_other_server_lists_its_own_alone(servers: Running) -> None:
    with OpenAI(base_url=f"{servers.whisperx}/whisperx/v1", api_key=SECRET) as ears:
        names = [model.id for model in ears.models.list()]
        assert "whisper-1" in names
        assert SPEAKS not in names
        assert ears.models.retrieve("whisper-1").id == "whisper-1"


@pytest.mark.parametrize("name", ["tts-1", "whisper-1", SPEAKS])
def test_a_model_can_be_looked_up(client: OpenAI, name: str) -> None:
    assert client.models.retrieve(name).id == name


@pytest.mark.parametrize("name", ["gpt-9", "hibari-tts/nobody", "hibari-tts"])
def test_an_unknown_model_is_not_found(client: OpenAI, name: str) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.models.retrieve(name)
    assert unknown.value.code == "model_not_found"
    assert name in unknown.value.message


def test_the_list_needs_a_key_and_is_no_traffic(servers: Running) -> None:
    stranger = web.get(f"{servers.tts}/v1/models", trust_env=False)
    assert stranger.status_code == 401
    assert stranger.json()["error"]["code"] == "invalid_api_key"
    before = activity(servers)
    for _ in range(3):
        known = web.get(f"{servers.tts}/v1/models", headers={"X-API-Key": SECRET}, trust_env=False)
        assert known.status_code == 200
    assert activity(servers) >= before


def activity(servers: Running) -> float:
    answer = web.get(
        f"{servers.tts}/internal/activity", headers={"X-Voice-Internal": "1"}, trust_env=False
    )
    return float(answer.json()["seconds_since_last_request"])
