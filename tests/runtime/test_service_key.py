"""The service key: rotated in its secret, the one before still good, the clear text not kept."""

from __future__ import annotations

import json
import logging

import pytest

from tests.patience import until
from tests.runtime.key_stores import Stores, found
from tests.runtime.pretend_aws import REGION, PretendAws
from voicehost.aws.secrets import NamedKeys, Secret, ServiceKey
from voicehost.key_store import EARLY_PERIOD_SECONDS
from voicehost.keys import new_key


def service() -> ServiceKey:
    return ServiceKey(Secret("service", REGION))


def test_the_service_key_and_the_one_before_it_open_as_service_keys(
    aws: PretendAws, stores: Stores
) -> None:
    keys = [new_key()[0] for _ in range(3)]
    aws.put("service", {"key": keys[0]})
    store = stores.make(service())
    until(lambda: store.ready)
    first = store.find(keys[0])
    assert first is not None
    assert (first.name, first.service) == ("service", True)
    aws.put("service", {"key": keys[1]})
    assert found(store, keys[1]) == "service"
    assert found(store, keys[0]) == "service"
    aws.put("service", {"key": keys[2]})
    stores.clock.now += EARLY_PERIOD_SECONDS
    assert [found(store, key) for key in (keys[2], keys[1])] == ["service"] * 2
    assert found(store, keys[0]) is None


def test_a_pending_service_key_does_not_open_yet(aws: PretendAws, stores: Stores) -> None:
    current, pending = new_key()[0], new_key()[0]
    aws.put("service", {"key": current})
    aws.client("secretsmanager").put_secret_value(
        SecretId="service", SecretString=json.dumps({"key": pending}),
        VersionStages=["AWSPENDING"],
    )  # fmt: skip
    store = stores.make(service())
    until(lambda: store.ready)
    assert (found(store, current), found(store, pending)) == ("service", None)


def test_a_first_service_secret_of_another_form_does_not_matter_once_it_is_replaced(
    aws: PretendAws, stores: Stores
) -> None:
    clear = new_key()[0]
    aws.put("service", "made by hand")
    store = stores.make(service())
    until(lambda: stores.counted("KeyRefreshFailures") >= 1)
    assert not store.ready
    aws.put("service", {"key": clear})
    until(lambda: store.ready)
    assert found(store, clear) == "service"


def test_an_empty_service_key_opens_nothing(aws: PretendAws, stores: Stores) -> None:
    aws.put("service", {"key": ""})
    store = stores.make(service())
    until(lambda: store.ready)
    assert found(store, "") is None


def test_one_secret_that_fails_does_not_hold_up_the_other(aws: PretendAws, stores: Stores) -> None:
    (old, old_digest), (new, new_digest) = new_key(), new_key()
    aws.put("keys", {"alice": old_digest})
    aws.put("service", {"key": "a"})
    store = stores.make(NamedKeys(Secret("keys", REGION)), service(), refresh_seconds=0.05)
    until(lambda: store.ready)
    aws.client("secretsmanager").delete_secret(SecretId="service")
    aws.put("keys", {"alice": new_digest})
    until(lambda: store.now().stage == "stale" and found(store, new) == "alice")
    assert found(store, "a") == "service"
    assert found(store, old) is None


def test_the_clear_service_key_is_nowhere_to_be_seen(
    aws: PretendAws, stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    clear = new_key()[0]
    aws.put("service", {"key": clear})
    store = stores.make(service())
    until(lambda: store.ready)
    key = store.find(clear)
    assert clear not in f"{key!r} {store._ring!r} {vars(store)} {caplog.text}"
