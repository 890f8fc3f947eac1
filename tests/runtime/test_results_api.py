"""`"delivery": "s3"`: results are stored, handed out by URL, and signed again for their own key."""

from __future__ import annotations

import base64
import json
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.patience import until
from tests.runtime.conftest import MakeApp, read_wav, sound_base64
from tests.runtime.pretend_aws import BUCKET, REGION, PretendAws
from voicehost.app import host
from voicehost.keys import new_key
from voicehost.results import CONTENT_TYPES, Ending, object_key

(ALICE, ALICE_DIGEST), (BOB, BOB_DIGEST) = new_key(), new_key()
KEYS = f"alice={ALICE_DIGEST},bob={BOB_DIGEST}"
STORED = {"results_bucket": BUCKET, "keys": KEYS, "aws_region": REGION}
TEXTS = ["One.", "Two and three.", "Four."]
INTERNAL = {"X-Voice-Internal": "1"}


@pytest.fixture
def bucket(aws: PretendAws) -> Any:
    """The empty results bucket, as a boto3 client sees it."""
    client = aws.client("s3")
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


def call(app: Flask, path: str, body: Mapping[str, Any], clear: str = ALICE) -> Any:
    return app.test_client().post(path, json=body, headers={"X-API-Key": clear}, buffered=True)


def stored(app: Flask, texts: list[str] = TEXTS, clear: str = ALICE) -> Any:
    return call(app, "/generate_batch", {"texts": texts, "delivery": "s3"}, clear).get_json()


def fetch(url: str) -> tuple[bytes, str]:
    """Body and content type that anybody gets, without keys or credentials."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read(), answer.headers["Content-Type"]


def when(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def test_clips_come_back_as_urls_in_the_order_of_the_texts(bucket: Any, clock_app: MakeApp) -> None:
    app = clock_app(**STORED)
    inline = call(app, "/generate_batch", {"texts": TEXTS, "delivery": "inline"}).get_json()
    assert set(inline) == {"audios", "takes", "format", "sample_rate", "count", "success"}
    body = stored(app)
    assert set(body) == {"results", "takes", "format", "sample_rate", "count", "success"}
    assert (body["sample_rate"], body["count"], body["success"]) == (24000, 3, True)
    for result, audio in zip(body["results"], inline["audios"], strict=True):
        assert set(result) == {"id", "url", "expires_at", "bytes"}
        data, kind = fetch(result["url"])
        assert kind == "audio/wav"
        assert len(data) == result["bytes"]
        assert base64.b64encode(data).decode() == audio
        read_wav(base64.b64encode(data).decode())


def test_texts_and_word_times_are_stored_as_one_usual_answer(
    bucket: Any, clock_app: MakeApp
) -> None:
    app = clock_app("whisperx", **STORED)
    sound = sound_base64(np.zeros(24000, np.float32))
    bodies: dict[str, Any] = {
        "/transcribe_batch": {"audios": [sound, sound]},
        "/align_batch": {"items": [{"audio": sound, "text": "a b"}, {"audio": "!", "text": "c"}]},
    }
    for path, body in bodies.items():
        inline = call(app, path, body).get_json()
        answer = call(app, path, {**body, "delivery": "s3"}).get_json()
        assert set(answer) == {"results", "count", "success"}
        assert (answer["count"], answer["success"]) == (2, True)
        (result,) = answer["results"]
        data, kind = fetch(result["url"])
        assert kind == "application/json"
        assert json.loads(data) == inline


def test_results_lie_apart_from_what_else_is_in_the_bucket(bucket: Any, clock_app: MakeApp) -> None:
    app = clock_app(**STORED)
    ids = [result["id"] for result in stored(app)["results"]]
    keys = {found["Key"] for found in bucket.list_objects_v2(Bucket=BUCKET)["Contents"]}
    assert keys == {f"results/{each}" for each in ids}
    # The same name under another folder is nobody's result.
    jobs = ids[0].replace("/0.wav", "/7.wav")
    for folder in ("", "jobs/", "store/", "results/results/"):
        bucket.put_object(Bucket=BUCKET, Key=folder + jobs, Body=b"x")
    for wrong in (jobs, f"jobs/{jobs}", f"store/{jobs}", f"results/{ids[0]}"):
        assert call(app, "/results/sign", {"ids": [wrong]}).status_code == 404, wrong


@pytest.mark.parametrize(("ending", "kind"), CONTENT_TYPES.items())
def test_each_format_is_handed_out_as_what_it_is(
    bucket: Any, clock_app: MakeApp, ending: Ending, kind: str
) -> None:
    app = clock_app(**STORED)
    results = host(app).results
    assert results is not None
    mine = stored(app)["results"][0]["id"].split("/")[0]
    (result,) = results.store(mine, [b"some bytes"], ending)
    assert result.id.endswith(f"/0.{ending}")
    signed = call(app, "/results/sign", {"ids": [result.id]}).get_json()["results"]
    assert fetch(signed[0]["url"]) == (b"some bytes", kind)


def test_a_url_lasts_as_long_as_the_setting_says(bucket: Any, clock_app: MakeApp) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    result = stored(clock_app(**STORED, results_url_minutes=90))["results"][0]
    end = when(result["expires_at"])
    assert before + timedelta(minutes=90) <= end <= datetime.now(UTC) + timedelta(minutes=90)
    assert parse_qs(urlsplit(result["url"]).query)["X-Amz-Expires"] == ["5400"]


def test_a_url_ends_with_the_session_that_signed_it(
    bucket: Any, clock_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_end = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=40)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", session_end.isoformat())
    long, short = clock_app(**STORED), clock_app(**STORED, results_url_minutes=10)
    assert when(stored(long)["results"][0]["expires_at"]) == session_end
    assert when(stored(short)["results"][0]["expires_at"]) < session_end
    signed = call(long, "/results/sign", {"ids": [stored(long)["results"][0]["id"]]}).get_json()
    assert when(signed["results"][0]["expires_at"]) == session_end


def test_results_are_signed_again_for_the_key_that_made_them_alone(
    bucket: Any, clock_app: MakeApp
) -> None:
    app = clock_app(**STORED)
    mine, other = stored(app)["results"], stored(app, clear=BOB)["results"]
    ids = [mine[2]["id"], mine[0]["id"]]
    signed = call(app, "/results/sign", {"ids": ids}).get_json()
    assert [result["id"] for result in signed["results"]] == ids
    assert (signed["count"], signed["success"]) == (2, True)
    assert [result["bytes"] for result in signed["results"]] == [mine[2]["bytes"], mine[0]["bytes"]]
    assert fetch(signed["results"][1]["url"])[0] == fetch(mine[0]["url"])[0]
    for result in other:
        refused = call(app, "/results/sign", {"ids": [ids[0], result["id"]]})
        assert refused.status_code == 404
        assert refused.get_json()["error"].startswith("ids[1]:")
        assert "url" not in refused.get_data(as_text=True)
    assert call(app, "/results/sign", {"ids": [other[0]["id"]]}, BOB).status_code == 200


def test_an_id_of_another_form_is_never_looked_for(bucket: Any, clock_app: MakeApp) -> None:
    app = clock_app(**STORED)
    mine = stored(app)["results"][0]["id"]
    folder, request, _ = mine.split("/")
    for key in (f"{folder}/{request}/secret.txt", mine + ".txt", f"{folder}/{request}/00.wav"):
        bucket.put_object(Bucket=BUCKET, Key=object_key(key), Body=b"x")
    for wrong in (
        "", "/", mine + "/", mine + ".txt", "/" + mine, mine + "\n", mine.upper(),
        f"{folder}/../{request}/0.wav",
        f"{folder}/{request}/00.wav", f"{folder}/{request}/secret.txt", f"{folder}/{request}",
        f"{folder}/{request}/../{request}/0.wav", mine + "?a=1", f"anonymous/{request}/0.wav",
        f"{folder}//{request}/0.wav", mine.replace("0.wav", "%30.wav"),
    ):  # fmt: skip
        assert call(app, "/results/sign", {"ids": [wrong]}).status_code == 404, wrong


def test_a_result_that_is_gone_is_named(bucket: Any, clock_app: MakeApp) -> None:
    app = clock_app(**STORED)
    ids = [result["id"] for result in stored(app)["results"]]
    bucket.delete_object(Bucket=BUCKET, Key=object_key(ids[1]))
    refused = call(app, "/results/sign", {"ids": ids})
    assert refused.status_code == 404
    assert refused.get_json()["error"].startswith("ids[1]:")


def test_signing_is_no_traffic_and_goes_on_during_a_lease(
    bucket: Any, clock_app: MakeApp, capsys: pytest.CaptureFixture[str]
) -> None:
    app = clock_app(**STORED)
    result = stored(app)["results"][0]
    client = app.test_client()
    client.post("/internal/drain", json={"seconds": 60}, headers=INTERNAL)
    last = host(app).activity._last
    capsys.readouterr()
    host(app).metrics.write()
    capsys.readouterr()
    assert call(app, "/results/sign", {"ids": [result["id"]]}).status_code == 200
    assert host(app).activity._last == last
    host(app).metrics.write()
    assert "Requests" not in json.loads(capsys.readouterr().out)


def test_without_a_bucket_it_says_so_before_anything_is_done(clock_app: MakeApp) -> None:
    client: FlaskClient = clock_app().test_client()
    for path, body in (
        ("/generate_batch", {"texts": ["Hi."], "delivery": "s3"}),
        ("/results/sign", {"ids": ["x"]}),
    ):
        answer = client.post(path, json=body)
        assert answer.status_code == 400
        assert "VOICE_RESULTS_BUCKET" in answer.get_json()["error"]
    assert (
        client.post("/generate_batch", json={"texts": ["Hi."], "delivery": "mail"}).status_code
        == 400
    )


def test_callers_without_keys_share_a_folder_that_no_key_has(
    bucket: Any, clock_app: MakeApp
) -> None:
    app = clock_app(results_bucket=BUCKET, aws_region=REGION)
    named = clock_app(**{**STORED, "keys": f"anonymous={ALICE_DIGEST}"})
    result_id = stored(app)["results"][0]["id"]
    assert result_id.startswith("anonymous/")
    assert call(app, "/results/sign", {"ids": [result_id]}).status_code == 200
    assert call(named, "/results/sign", {"ids": [result_id]}).status_code == 404


@pytest.mark.parametrize("missing", ["bucket", "server"])
def test_a_result_that_cannot_be_stored_is_a_503_and_counted(
    aws: PretendAws, bucket: Any, clock_app: MakeApp, missing: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    app = clock_app(**STORED)
    kept = stored(app)["results"][0]["id"]
    if missing == "bucket":
        emptied = bucket.list_objects_v2(Bucket=BUCKET)["Contents"]
        for found in emptied:
            bucket.delete_object(Bucket=BUCKET, Key=found["Key"])
        bucket.delete_bucket(Bucket=BUCKET)
    else:
        aws.stop()
    answer = call(app, "/generate_batch", {"texts": TEXTS, "delivery": "s3"})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1
    assert "bucket" in answer.get_json()["error"]
    if missing == "server":
        assert call(app, "/results/sign", {"ids": [kept]}).status_code == 503
    until(lambda: host(app).activity.now().in_flight == 0)
    capsys.readouterr()
    host(app).metrics.write()
    line = json.loads(capsys.readouterr().out)
    assert sum(line["ResultsFailures"]) >= 1
    assert line["Rejections"] == [1]


def test_after_heartbeats_a_result_that_cannot_be_stored_is_no_success(
    aws: PretendAws, clock_app: MakeApp
) -> None:
    app = clock_app(**STORED, clock_speed=5.0, heartbeat_seconds=0.1)
    answer = call(app, "/generate_batch", {"texts": ["A longer text to speak."], "delivery": "s3"})
    assert answer.status_code == 200
    text = answer.get_data(as_text=True)
    assert text.startswith(" ")
    assert json.loads(text)["success"] is False
    assert "bucket" in json.loads(text)["error"]


def test_after_heartbeats_results_are_stored_too(bucket: Any, clock_app: MakeApp) -> None:
    app = clock_app(**STORED, clock_speed=5.0, heartbeat_seconds=0.1)
    answer = call(app, "/generate_batch", {"texts": ["A longer text to speak."], "delivery": "s3"})
    text = answer.get_data(as_text=True)
    assert text.startswith(" ")
    assert fetch(json.loads(text)["results"][0]["url"])[1] == "audio/wav"
