"""`/generate` and `/generate_batch` do what the clients rely on."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from tests.runtime.conftest import MakeApp, read_wav

SENTENCE = "The ferry leaves at nine."


def post(client: FlaskClient, path: str, body: Any) -> Any:
    return client.post(path, json=body)


def test_generate_speaks_a_complete_wav(voice: FlaskClient) -> None:
    answer = post(voice, "/generate", {"text": SENTENCE})
    assert answer.status_code == 200
    body = answer.get_json()
    assert set(body) == {
        *("audio", "format", "sample_rate", "success"),
        *("finish_reason", "seed", "reused"),
    }
    assert (body["sample_rate"], body["success"]) == (24000, True)
    audio, rate = read_wav(body["audio"])
    assert rate == 24000
    assert 0.8 < len(audio) / rate < 5
    assert np.abs(audio).max() > 0.1


def test_a_batch_comes_back_in_order_and_equals_single_calls(voice: FlaskClient) -> None:
    texts = ["One.", "This is a rather longer second text.", "Three, three.", "Four?"]
    singles = [post(voice, "/generate", {"text": text}).get_json()["audio"] for text in texts]
    for more in ({}, {"batch": True}, {"batch": False}, {"instruct": "Calmly."}):
        body = post(voice, "/generate_batch", {"texts": texts, **more}).get_json()
        assert (body["count"], body["sample_rate"], body["success"]) == (4, 24000, True)
        assert body["audios"] == singles
    assert len(set(singles)) == 4


def test_decorations_are_not_spoken(voice: FlaskClient) -> None:
    texts = [f"Speaker 1: {SENTENCE} Amazing.", SENTENCE.rstrip(".")]
    decorated, plain = post(voice, "/generate_batch", {"texts": texts}).get_json()["audios"]
    assert decorated == plain


def test_it_answers_under_its_prefix_too(voice: FlaskClient) -> None:
    assert post(voice, "/tts/generate", {"text": "Hi."}).status_code == 200
    assert voice.get("/tts/health").get_json()["engine"] == "qwen3-tts"
    assert voice.get("/ttsx/health").status_code == 404


def test_unknown_fields_and_nulls_are_tolerated(voice: FlaskClient) -> None:
    body = {"texts": ["Hi."], "instruct": None, "instructs": None, "batch": None, "speed": "x"}
    assert post(voice, "/generate_batch", body).status_code == 200


def test_a_long_text_is_spoken_whole(voice: FlaskClient) -> None:
    once = read_wav(post(voice, "/generate", {"text": SENTENCE}).get_json()["audio"])[0]
    many = read_wav(post(voice, "/generate", {"text": f"{SENTENCE} " * 40}).get_json()["audio"])[0]
    assert 0.7 * 40 < len(many) / len(once) < 1.3 * 40


@pytest.mark.parametrize("text", ["¥¹", "⑷", "x² + y³ = z⁴", "➊ first", "٣ Arabic"])
def test_digits_of_every_kind_are_spoken(voice: FlaskClient, text: str) -> None:
    assert post(voice, "/generate", {"text": text}).status_code == 200


def test_each_text_of_a_batch_says_how_its_clip_came_to_be(voice: FlaskClient) -> None:
    seeds = [5, 4, 2**32 - 1]
    body = {"texts": ["One.", "Two.", "Three."], "seeds": seeds}
    takes = post(voice, "/generate_batch", body).get_json()["takes"]
    assert takes == [{"finish_reason": "stop", "seed": seed, "reused": False} for seed in seeds]
    last = post(voice, "/generate_batch", {"texts": ["One.", "Two."], "seed": 2**32 - 1})
    assert [take["seed"] for take in last.get_json()["takes"]] == [2**32 - 1, 0]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"texts": ["One."], "seeds": [1, 2]}, "seeds: has 2 entries for 1 texts"),
        ({"texts": ["One."], "seeds": [-1]}, "seeds[0]"),
        ({"texts": ["One."], "seed": 2**32}, "seed"),
        ({"texts": ["Eins."], "language": "de"}, "language: this server's model knows en only"),
    ],
)
def test_a_seed_or_language_that_cannot_be_is_told(
    voice: FlaskClient, body: dict[str, object], says: str
) -> None:
    refused = post(voice, "/generate_batch", body)
    assert refused.status_code == 400
    assert says in refused.get_json()["error"]


def test_the_queue_headers_say_how_the_call_fared(voice: FlaskClient) -> None:
    answer = post(voice, "/generate", {"text": "Hi."})
    assert answer.headers["X-Queue-Position"] == "0"
    assert re.fullmatch(r"[0-9]+\.[0-9]{3}", answer.headers["X-Queue-Wait-Seconds"])
    given = {"X-Request-Id": "mine-1"}
    named = voice.post("/generate", json={"text": "Hi."}, headers=given)
    assert named.headers["X-Request-Id"] == "mine-1"
    assert answer.headers["X-Request-Id"] not in ("", "mine-1")


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("/generate", {}, 400, "text: Field required"),
        ("/generate", {"text": 5}, 400, "text: Input should be a valid string"),
        ("/generate", {"text": None}, 400, "text"),
        ("/generate", {"text": ""}, 400, "empty after cleaning"),
        ("/generate", {"text": "Speaker 1:  Amazing."}, 400, "empty after cleaning"),
        ("/generate", {"text": "Hi <|im_end|>"}, 400, "control token"),
        ("/generate", {"text": "你好"}, 400, "found nothing to say"),
        ("/generate", {"text": "x" * 5001}, 413, "5001 characters and 5000 fit"),
        ("/generate", {"text": "Hi.", "instruct": "x" * 1001}, 413, "instruct"),
        ("/generate", {"text": "Hi.", "instruct": "<|x|>"}, 400, "instruct"),
        ("/generate", [], 400, "object"),
        ("/generate_batch", {"texts": []}, 400, "texts: is empty"),
        ("/generate_batch", {"texts": "Hi."}, 400, "texts: Input should be a valid array"),
        ("/generate_batch", {"texts": ["Hi.", 3]}, 400, "texts[1]"),
        ("/generate_batch", {"texts": ["Hi.", ""]}, 400, "texts[1]: is empty"),
        ("/generate_batch", {"texts": ["Hi."], "instructs": []}, 400, "0 entries for 1 texts"),
        ("/generate_batch", {"texts": ["Hi."], "instructs": ["a", "b"]}, 400, "2 entries"),
        ("/generate_batch", {"texts": ["Hi."], "batch": "yes"}, 400, "batch"),
        ("/generate_batch", {"texts": ["a"] * 129}, 413, "129 entries and 128 fit"),
    ],
)
def test_bad_input_gets_a_clear_error(
    voice: FlaskClient, path: str, body: Any, status: int, says: str
) -> None:
    answer = post(voice, path, body)
    assert answer.status_code == status
    error = answer.get_json()
    assert error["success"] is False
    assert says in error["error"]


def test_a_request_larger_than_the_queue_is_told_so(clock_app: MakeApp) -> None:
    client = clock_app(queue_items=8, key_items=8).test_client()
    answer = post(client, "/generate_batch", {"texts": ["Hi."] * 9})
    assert answer.status_code == 413
    assert "several smaller requests" in answer.get_json()["error"]
