"""Who is let in by the front: keys from two secrets, fetched seldom and kept when they fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from power.aws.quick import quick
from power.key_cache import KeyCache, NoKeys
from power.keys import key_digest
from tests.power.house import ALICE, SERVICE, House

NEW = "gv_new-s"


def cache(house: House) -> KeyCache:
    return KeyCache(f"{house.name}-keys", f"{house.name}-service", minutes=5, clock=house.clock)


def name(keys: KeyCache, clear: str) -> str | None:
    found = keys.find(clear)
    return None if found is None else found.name


def write(house: House, secret: str, value: Any) -> None:
    text = value if isinstance(value, str) else json.dumps(value)
    quick("secretsmanager").put_secret_value(SecretId=f"{house.name}-{secret}", SecretString=text)


def hashed(clear: str) -> str:
    return "sha256:" + key_digest(clear).hex()


@contextmanager
def counted(fails: Exception | None = None) -> Iterator[list[str]]:
    """The secrets that are asked for; with an error, none of them answers."""
    asked: list[str] = []

    def seen(params: dict[str, Any], **_: object) -> None:
        asked.append(json.loads(params["body"])["SecretId"])
        if fails is not None:
            raise fails

    events = quick("secretsmanager").meta.events
    events.register("before-call.secretsmanager.GetSecretValue", seen)
    try:
        yield asked
    finally:
        events.unregister("before-call.secretsmanager.GetSecretValue", seen)


SILENT = ConnectTimeoutError(endpoint_url="https://secretsmanager")


def test_named_keys_and_the_service_key_open_and_others_do_not(house: House) -> None:
    keys = cache(house)
    assert (name(keys, ALICE), name(keys, SERVICE)) == ("alice", "service")
    found = keys.find(SERVICE)
    assert found is not None
    assert found.service
    assert name(keys, NEW) is None
    assert name(keys, "") is None


def test_keys_are_fetched_once_in_some_minutes(house: House) -> None:
    keys = cache(house)
    with counted() as asked:
        for _ in range(20):
            house.clock.now += 10
            assert name(keys, ALICE) == "alice"
        # The named keys, the current and the previous service key.
        assert len(asked) == 3
        house.clock.now += 300
        assert name(keys, ALICE) == "alice"
        assert len(asked) == 6


def test_a_key_that_is_taken_away_closes_within_minutes(house: House) -> None:
    keys = cache(house)
    assert name(keys, ALICE) == "alice"
    write(house, "keys", {})
    house.clock.now += 301
    assert name(keys, ALICE) is None


def test_a_new_key_opens_at_once_and_trying_keys_fetches_seldom(house: House) -> None:
    keys = cache(house)
    assert name(keys, ALICE) == "alice"
    house.clock.now += 31
    write(house, "keys", {"new": hashed(NEW)})
    assert name(keys, NEW) == "new"
    with counted() as asked:
        for number in range(50):
            house.clock.now += 1
            assert name(keys, f"gv_guess-{number}") is None
    assert len(asked) <= 2 * 3


def test_the_service_key_before_a_rotation_opens_too(house: House) -> None:
    write(house, "service", {"key": NEW})
    keys = cache(house)
    assert (name(keys, NEW), name(keys, SERVICE)) == ("service", "service")


def test_a_key_ends_when_it_says(house: House) -> None:
    entry = {"hash": hashed(NEW), "expires_at": "2026-11-24T06:00:10Z"}
    write(house, "keys", {"new": [entry]})
    keys = cache(house)
    house.clock.now += 9
    assert name(keys, NEW) == "new"
    house.clock.now += 1
    assert name(keys, NEW) is None


def test_what_was_fetched_last_holds_while_secrets_fail(house: House) -> None:
    keys = cache(house)
    assert name(keys, ALICE) == "alice"
    house.clock.now += 400
    with counted(SILENT) as asked:
        assert name(keys, ALICE) == "alice"
        assert len(asked) == 1  # a service that is silent is not waited for again
    write(house, "keys", "no object")
    house.clock.now += 400
    assert name(keys, ALICE) == "alice"


def test_before_any_key_could_be_fetched_nobody_is_told_that_a_key_is_wrong(house: House) -> None:
    keys = cache(house)
    with counted(SILENT):
        with pytest.raises(NoKeys):
            keys.find(ALICE)
        answer = house.call("/tts/generate")
    assert answer.status == 503
    assert "keys cannot be fetched" in answer.body["error"]
    assert int(answer.headers["Retry-After"]) >= 1
    house.clock.now += 4
    assert name(keys, ALICE) == "alice"
    assert house.woken == []


def test_a_caller_without_a_key_has_no_secret_fetched(house: House) -> None:
    with counted() as asked:
        assert house.call("/tts/health", None, "GET").status == 503
        assert house.call("/power/status", None, "GET").status == 401
    assert asked == []


def test_what_can_be_read_of_one_secret_opens_while_the_other_is_wrong(house: House) -> None:
    write(house, "service", "no object")
    keys = cache(house)
    assert name(keys, ALICE) == "alice"
    with pytest.raises(NoKeys):
        keys.find(NEW)


def test_keys_and_hashes_are_not_shown(house: House) -> None:
    found = cache(house).find(ALICE)
    assert "digest" not in repr(found)
    assert key_digest(ALICE).hex() not in repr(found)
