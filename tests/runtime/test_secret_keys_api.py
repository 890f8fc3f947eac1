"""Both servers with their keys in secrets: who gets in, and what is said before they are there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from tests.patience import until
from tests.runtime.conftest import MakeApp
from tests.runtime.pretend_aws import PretendAws
from voicehost.app import create_app, host
from voicehost.engines.families import speech_engine
from voicehost.keys import new_key
from voicehost.settings import VoiceHostSettings

SECRETS: dict[str, Any] = {"keys_secret": "keys", "service_key_secret": "service"}
ELSEWHERE = {"REMOTE_ADDR": "10.0.0.7"}
HELLO = {"text": "Hi."}


def say(app: Flask, clear: str | None, body: Any = HELLO) -> Any:
    headers = {} if clear is None else {"X-API-Key": clear}
    return app.test_client().post("/generate", json=body, headers=headers)


@pytest.fixture
def unreached(aws: PretendAws) -> Iterator[Flask]:
    """A server that has started while its secrets cannot be reached."""
    aws.put("service", {})
    aws.stop()
    settings = VoiceHostSettings(engine="clock", clock_speed=1000.0, **SECRETS)
    app = create_app(speech_engine(settings), settings)
    host(app).start()
    until(lambda: host(app).models_ready)
    yield app
    host(app).close()


def test_before_the_keys_are_there_the_server_is_not_ready_and_says_so(
    aws: PretendAws, unreached: Flask
) -> None:
    clear, digest = new_key()
    client = unreached.test_client()
    ready = client.get("/ready")
    assert (ready.status_code, ready.get_json()["ready"]) == (503, False)
    assert ready.get_json()["keys"]["stage"] == "fetching"
    assert ready.get_json()["models"]["speak"]["stage"] == "ready"
    assert client.get("/health").get_json()["model_loaded"] is True
    assert client.get("/live").status_code == 200
    for path in ("/generate", "/generate_batch", "/results/sign", "/nothing"):
        for key in ({}, {"X-API-Key": clear}):
            refused = client.post(path, json=HELLO, headers=key)
            assert refused.status_code == 503, path
            assert int(refused.headers["Retry-After"]) >= 1
            assert "keys have not been fetched" in refused.get_json()["error"]
    internal = {"X-Voice-Internal": "1"}
    assert client.get("/internal/activity", headers=internal).get_json()["ready"] is False
    from_far = client.get(
        "/internal/activity", headers={**internal, "X-API-Key": clear}, environ_base=ELSEWHERE
    )
    assert from_far.status_code == 503
    aws.start()
    aws.put("keys", {"alice": digest})
    until(lambda: client.get("/ready").status_code == 200)
    assert client.get("/ready").get_json()["keys"]["stage"] == "ready"
    assert say(unreached, clear).status_code == 200


@pytest.mark.parametrize("server", ["tts", "whisperx"])
def test_with_an_empty_secret_every_call_is_a_401_and_the_server_is_ready(
    aws: PretendAws, clock_app: MakeApp, server: str
) -> None:
    aws.put("keys", {})
    app = clock_app(server, keys_secret="keys")
    client = app.test_client()
    assert client.get("/ready").status_code == 200
    path = "/generate" if server == "tts" else "/transcribe"
    for headers in ({}, {"X-API-Key": ""}, {"X-API-Key": "x"}, {"Authorization": "Bearer x"}):
        assert client.post(path, json={}, headers=headers).status_code == 401


def test_a_key_minted_while_it_runs_works_at_once(aws: PretendAws, clock_app: MakeApp) -> None:
    clear, digest = new_key()
    aws.put("keys", {})
    app = clock_app(keys_secret="keys")
    aws.put("keys", {"alice": digest})
    assert say(app, clear).status_code == 200


def test_the_service_key_opens_internal_calls_from_elsewhere_and_a_named_one_does_not(
    aws: PretendAws, clock_app: MakeApp
) -> None:
    (clear, digest), service = new_key(), new_key()[0]
    aws.put("keys", {"alice": digest})
    aws.put("service", {"key": service})
    client = clock_app(**SECRETS).test_client()
    for key, status in ((service, 200), (clear, 401)):
        headers = {"X-Voice-Internal": "1", "X-API-Key": key}
        answer = client.get("/internal/activity", headers=headers, environ_base=ELSEWHERE)
        assert answer.status_code == status


def test_keys_of_the_settings_stay_valid_beside_a_secret(
    aws: PretendAws, clock_app: MakeApp
) -> None:
    (one, one_digest), (other, other_digest) = new_key(), new_key()
    aws.put("keys", {"bob": other_digest})
    app = clock_app(keys=f"alice={one_digest}", keys_secret="keys")
    assert [say(app, key).status_code for key in (one, other, "x")] == [200, 200, 401]


def test_a_key_with_a_limit_of_its_own_has_so_much_waiting_and_no_more(
    aws: PretendAws, clock_app: MakeApp
) -> None:
    (low, low_digest), (high, high_digest), (plain, plain_digest) = new_key(), new_key(), new_key()
    aws.put("keys", {
        "low": {"hash": low_digest, "queue_items": 2},
        "high": {"hash": high_digest, "queue_items": 1000},
        "plain": plain_digest,
    })  # fmt: skip
    app = clock_app(keys_secret="keys", queue_items=8, key_items=4, clock_speed=0.5, batch_rows=1)
    client = app.test_client()

    def batch(clear: str, texts: int, seconds: str = "0.2") -> int:
        headers = {"X-API-Key": clear, "X-Deadline-Seconds": seconds}
        body = {"texts": ["A text of some length."] * texts}
        return client.post("/generate_batch", json=body, headers=headers).status_code

    waiting = host(app).schedulers["speak"].queue
    assert (batch(low, 3), batch(plain, 5), batch(high, 9)) == (413, 413, 413)
    holders = [threading.Thread(target=batch, args=(high, 6, "5"))]
    holders[0].start()
    until(lambda: len(waiting) == 5)
    holders.append(threading.Thread(target=batch, args=(low, 2, "5")))
    holders[1].start()
    until(lambda: len(waiting) == 7)
    assert batch(low, 1) == 429
    assert batch(plain, 2) == 503
    host(app).close()
    for holder in holders:
        holder.join()


def test_without_the_settings_nothing_of_aws_is_loaded_nor_shown(clock_app: MakeApp) -> None:
    client = clock_app().test_client()
    assert set(client.get("/ready").get_json()) == {"ready", "models"}
    health = client.get("/health")
    assert (health.get_json()["slot"], health.get_json()["release"]) == (None, None)
    assert "X-Voice-Slot" not in health.headers
    assert "X-Voice-Slot" not in json.dumps(dict(client.get("/live", headers={
        "Origin": "http://localhost:3000"}).headers))  # fmt: skip


def test_a_server_shows_its_slot_and_release_wherever_it_answers(clock_app: MakeApp) -> None:
    client = clock_app(slot="green", release="2026-11-24.1").test_client()
    health = client.get("/health").get_json()
    assert (health["slot"], health["release"]) == ("green", "2026-11-24.1")
    origin = {"Origin": "http://localhost:3000"}
    for path in ("/health", "/generate", "/nothing", "/internal/activity", "/tts/live"):
        answer = client.get(path, headers=origin)
        assert answer.headers["X-Voice-Slot"] == "green", path
        assert "X-Voice-Slot" in answer.headers["Access-Control-Expose-Headers"]
    preflight = {**origin, "Access-Control-Request-Method": "POST",
                 "Access-Control-Request-Headers": "x-voice-slot"}  # fmt: skip
    allowed = client.options("/generate", headers=preflight).headers
    assert "x-voice-slot" in allowed["Access-Control-Allow-Headers"].lower()
