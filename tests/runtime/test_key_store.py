"""Keys are fetched, refreshed, kept through an outage, and known at once when new."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.patience import until
from tests.runtime.key_stores import Stores, found
from tests.runtime.pretend_aws import PretendAws
from voicehost.errors import NotReady
from voicehost.key_format import ReadKeys
from voicehost.key_store import EARLY_PERIOD_SECONDS
from voicehost.keys import new_key


def test_before_the_first_fetch_nobody_is_told_apart(aws: PretendAws, stores: Stores) -> None:
    clear, digest = new_key()
    aws.put("keys", {"alice": digest})
    aws.stop()
    store = stores.make()
    until(lambda: stores.counted("KeyRefreshFailures") >= 1)
    assert store.now().stage == "fetching"
    with pytest.raises(NotReady, match="not been fetched"):
        store.check_ready()
    aws.start()
    until(lambda: store.ready)
    store.check_ready()
    assert (store.now().stage, found(store, clear)) == ("ready", "alice")


def test_an_outage_keeps_the_keys_and_is_counted(
    aws: PretendAws, stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    clear, digest = new_key()
    aws.put("keys", {"alice": digest})
    store = stores.make(refresh_seconds=0.05)
    until(lambda: store.ready)
    aws.stop()
    until(lambda: store.now().stage == "stale")
    assert found(store, clear) == "alice"
    assert stores.counted("KeyRefreshFailures") >= 1
    assert any(record.levelno == logging.WARNING for record in caplog.records)
    aws.start()
    until(lambda: store.now().stage == "ready")


def test_a_removed_key_is_refused_after_the_next_refresh(aws: PretendAws, stores: Stores) -> None:
    clear, digest = new_key()
    aws.put("keys", {"alice": digest})
    store = stores.make(refresh_seconds=0.05)
    until(lambda: found(store, clear) == "alice")
    aws.put("keys", {})
    until(lambda: found(store, clear) is None)


def test_a_new_key_works_at_once_but_only_one_call_in_a_while_has_the_secret_read(
    aws: PretendAws, stores: Stores
) -> None:
    (first, first_digest), (second, second_digest) = new_key(), new_key()
    aws.put("keys", {})
    store = stores.make()
    until(lambda: store.ready)
    aws.put("keys", {"alice": first_digest})
    assert found(store, first) == "alice"
    aws.put("keys", {"alice": first_digest, "bob": second_digest})
    stores.clock.now += EARLY_PERIOD_SECONDS - 1
    assert found(store, second) is None
    stores.clock.now += 1
    assert found(store, second) == "bob"


def test_of_many_unknown_keys_at_once_one_waits(stores: Stores) -> None:
    asked, release = threading.Semaphore(0), threading.Event()
    fetches = []

    class Slow:
        name = "slow"

        def fetch(self) -> Any:
            fetches.append(1)
            if len(fetches) > 1:
                asked.release()
                release.wait(20)
            return ReadKeys()

    store = stores.make(Slow())
    until(lambda: store.ready and store._ended == 1)
    waiting = [threading.Thread(target=store.find, args=(f"unknown-{i}",)) for i in range(20)]
    for thread in waiting:
        thread.start()
    assert asked.acquire(timeout=20)
    until(lambda: sum(thread.is_alive() for thread in waiting) == 1)
    release.set()
    for thread in waiting:
        thread.join(20)
    assert len(fetches) == 2


def test_a_cached_key_is_refused_from_the_second_it_expires(
    aws: PretendAws, stores: Stores
) -> None:
    clear, digest = new_key()
    end = datetime.now(UTC).timestamp() + 1.5
    expires_at = datetime.fromtimestamp(end, UTC).isoformat()
    aws.put("keys", {"alice": {"hash": digest, "expires_at": expires_at}})
    store = stores.make()
    until(lambda: store.ready)
    assert found(store, clear) == "alice"
    until(lambda: found(store, clear) is None)
    assert datetime.now(UTC).timestamp() >= end
