"""While the budget is nearly used up, batches are refused and single items work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.runtime.conftest import MakeApp, sound_base64
from tests.runtime.pretend_aws import BUCKET, REGION, PretendAws
from voicehost.app import host
from voicehost.errors import BatchesRefused
from voicehost.telemetry.batches import Batches

INTERNAL = {"X-Voice-Internal": "1"}
CLIP = sound_base64(np.zeros(2400, np.float32))
ITEM = {"audio": CLIP, "text": "Hi."}
# server, path, the list's name, one item
CALLS = (
    ("tts", "/generate_batch", "texts", "Hi."),
    ("whisperx", "/transcribe_batch", "audios", CLIP),
    ("whisperx", "/align_batch", "items", ITEM),
)
SINGLES = (
    ("tts", "/generate", {"text": "Hi."}),
    ("whisperx", "/transcribe", {"audio": CLIP}),
    ("whisperx", "/align", ITEM),
)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def order(client: FlaskClient, body: Mapping[str, Any]) -> TestResponse:
    return client.post("/internal/batches", json=body, headers=INTERNAL)


def refuse(client: FlaskClient, **more: Any) -> float:
    answer = order(client, {"allowed": False, "seconds": 600, **more}).get_json()
    assert answer["success"] is True
    return float(answer["batches_refused_seconds"])


def activity(client: FlaskClient) -> Any:
    return client.get("/internal/activity", headers=INTERNAL).get_json()


@pytest.mark.parametrize(("server", "path", "name", "item"), CALLS)
def test_only_more_than_one_item_is_refused_with_a_time_to_come_back(
    clock_app: MakeApp, server: str, path: str, name: str, item: Any
) -> None:
    client = clock_app(server).test_client()
    assert refuse(client) == pytest.approx(600, abs=5)
    refused = client.post(path, json={name: [item, item]})
    assert refused.status_code == 429
    assert 590 <= int(refused.headers["Retry-After"]) <= 600
    body = refused.get_json()
    assert body["success"] is False
    assert body["error"] == (
        "This month's GPU budget is nearly used up, so batches are refused; a call with one text "
        "or one recording still works."
    )
    assert client.post(path, json={name: [item]}).status_code == 200
    assert order(client, {"allowed": True}).get_json()["batches_refused_seconds"] == 0
    assert client.post(path, json={name: [item, item]}).status_code == 200


@pytest.mark.parametrize(("server", "path", "body"), SINGLES)
def test_single_calls_work_meanwhile(clock_app: MakeApp, server: str, path: str, body: Any) -> None:
    client = clock_app(server).test_client()
    refuse(client)
    assert client.post(path, json=body).status_code == 200


def test_a_refused_batch_is_no_traffic(clock_app: MakeApp) -> None:
    app = clock_app()
    client = app.test_client()
    before = host(app).activity._last
    refuse(client)
    assert client.post("/generate_batch", json={"texts": ["Hi.", "Ho."]}).status_code == 429
    now = activity(client)
    assert (now["in_flight"], now["queue_depth"]) == (0, 0)
    assert host(app).activity._last == before


def test_activity_tells_how_long_batches_are_refused(clock_app: MakeApp) -> None:
    client = clock_app().test_client()
    assert activity(client)["batches_refused_seconds"] == 0
    refuse(client, seconds=300)
    assert 290 < activity(client)["batches_refused_seconds"] <= 300
    # A drain is another lease: its end leaves this one.
    client.post("/internal/resume", headers=INTERNAL)
    assert activity(client)["batches_refused_seconds"] > 0


def test_callers_are_told_the_reason_that_the_controller_gives(clock_app: MakeApp) -> None:
    client = clock_app().test_client()
    refuse(client, why="80 % of November's budget is used.")
    said = client.post("/generate_batch", json={"texts": ["Hi.", "Ho."]}).get_json()["error"]
    assert said.startswith("80 % of November's budget is used, so batches are refused; ")


def test_a_batch_that_is_wrong_anyway_is_told_so(clock_app: MakeApp) -> None:
    client = clock_app(texts=2).test_client()
    refuse(client)
    for texts, status in (([], 400), (["Hi."] * 3, 413)):
        assert client.post("/generate_batch", json={"texts": texts}).status_code == status


def test_signing_results_is_no_batch(aws: PretendAws, clock_app: MakeApp) -> None:
    place = {"LocationConstraint": REGION}
    aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    client = clock_app(results_bucket=BUCKET, aws_region=REGION).test_client()
    stored = [
        client.post("/generate_batch", json={"texts": [text], "delivery": "s3"}).get_json()
        for text in ("Hi.", "Ho.")
    ]
    refuse(client)
    ids = [answer["results"][0]["id"] for answer in stored]
    assert client.post("/results/sign", json={"ids": ids}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"allowed": "no"},
        {"allowed": False, "seconds": 0},
        {"allowed": False, "seconds": 4000},
        {"allowed": False, "seconds": "60"},
        {"allowed": False, "why": "x" * 201},
    ],
)
def test_a_strange_order_is_refused_and_changes_nothing(
    clock_app: MakeApp, body: dict[str, Any]
) -> None:
    client = clock_app().test_client()
    assert order(client, body).status_code == 400
    assert activity(client)["batches_refused_seconds"] == 0


def test_callers_cannot_give_the_order(clock_app: MakeApp) -> None:
    client = clock_app().test_client()
    order_ = {"allowed": False}
    assert client.post("/internal/batches", json=order_).status_code == 403
    elsewhere = {**INTERNAL, "X-Forwarded-For": "10.0.0.7"}
    assert client.post("/internal/batches", json=order_, headers=elsewhere).status_code == 401
    assert activity(client)["batches_refused_seconds"] == 0


def test_the_refusal_expires_by_itself_and_is_renewed_by_asking_again() -> None:
    clock = Clock()
    batches = Batches(clock)
    batches.refuse(60, "")
    clock.now += 50
    batches.refuse(60, "")
    clock.now += 59
    with pytest.raises(BatchesRefused) as caught:
        batches.check(2)
    assert caught.value.retry_after == pytest.approx(1)
    batches.check(1)
    clock.now += 1
    batches.check(2)
