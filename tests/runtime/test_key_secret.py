"""What a secret of named keys may hold: nothing, keys, or something else altogether."""

from __future__ import annotations

import pytest
from botocore.stub import Stubber

from tests.patience import until
from tests.runtime.key_stores import Stores, found
from tests.runtime.pretend_aws import REGION, PretendAws
from voicehost.aws.secrets import NamedKeys, Secret
from voicehost.key_format import ReadKeys
from voicehost.key_store import KeysUnavailable
from voicehost.keys import new_key


@pytest.mark.parametrize("value", ["{}", " ", "\n"])
def test_an_empty_secret_is_an_empty_ring(aws: PretendAws, stores: Stores, value: str) -> None:
    aws.put("keys", value)
    store = stores.make()
    until(lambda: store.ready)
    assert not store.anonymous
    assert found(store, "") is None
    assert found(store, "anything") is None


@pytest.mark.parametrize(
    ("message", "empty"),
    [
        ("Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
         True),
        ("Secrets Manager can't find the specified secret.", False),
    ],
)  # fmt: skip
def test_a_secret_without_any_value_is_empty_and_one_that_is_missing_is_not(
    aws: PretendAws, message: str, empty: bool
) -> None:
    secret = Secret("keys", REGION)
    with Stubber(secret._client()) as said:  # moto gives both the second message
        said.add_client_error("get_secret_value", "ResourceNotFoundException", message)
        if empty:
            assert NamedKeys(secret).fetch() == ReadKeys()
        else:
            with pytest.raises(KeysUnavailable, match="ResourceNotFound"):
                NamedKeys(secret).fetch()


@pytest.mark.parametrize("value", [None, "not json", "[]", "a-random-first-value", '{"a"'])
def test_a_missing_or_broken_secret_is_no_empty_ring(
    aws: PretendAws, stores: Stores, value: str | None
) -> None:
    if value is not None:
        aws.put("keys", value)
    store = stores.make()
    until(lambda: stores.counted("KeyRefreshFailures") >= 1)
    assert not store.ready


def test_one_wrong_entry_locks_nobody_out_and_is_named_by_its_number_alone(
    aws: PretendAws, stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    clear, digest = new_key()
    aws.put("keys", {"bob": "gv_clear-by-mistake", "alice": digest})
    store = stores.make()
    until(lambda: store.ready)
    assert found(store, clear) == "alice"
    assert stores.counted("KeyEntriesSkipped") == 1
    (record,) = [record for record in caplog.records if "skipped" in record.message]
    assert vars(record)["entries"] == (1,)
    assert "gv_clear" not in caplog.text + str([vars(record) for record in caplog.records])
