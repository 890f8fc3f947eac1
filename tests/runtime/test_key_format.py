"""How keys are written down, with limits and without, and what a wrong entry does."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from voicehost.key_format import KeyFormatError, parse_keys, read_keys
from voicehost.keys import KeyRing, new_key

HASH = "sha256:" + "0" * 64
END = datetime(2026, 11, 24, 10, tzinfo=UTC)


def test_an_entry_may_be_a_hash_an_object_or_a_list_of_both() -> None:
    long = {"hash": HASH, "expires_at": "2026-11-24T10:00:00Z", "queue_items": 7}
    keys = parse_keys(json.dumps({"alice": HASH, "bob": [HASH + ":service", long]}))
    assert [(key.name, key.service, key.expires_at, key.queue_items) for key in keys] == [
        ("alice", False, None, None),
        ("bob", True, None, None),
        ("bob", False, END, 7),
    ]


def test_a_key_opens_until_the_second_it_expires() -> None:
    clear, digest = new_key()
    entry = {"hash": digest, "expires_at": "2026-11-24T11:00:00+01:00"}
    ring = KeyRing(parse_keys(json.dumps({"alice": entry})))
    assert ring.find(clear, END.timestamp() - 0.001) is not None
    assert ring.find(clear, END.timestamp()) is None


def test_an_expired_hash_does_not_hide_the_same_key_with_more_time() -> None:
    clear, digest = new_key()
    past = {"hash": digest, "expires_at": "2020-01-01T00:00:00Z"}
    for entries in ([past, digest], [digest, past]):
        assert KeyRing(parse_keys(json.dumps({"alice": entries}))).find(clear) is not None


@pytest.mark.parametrize(
    "entry",
    [
        {"hash": HASH, "expires_at": "2026-11-24T10:00:00"},
        {"hash": HASH, "expires_at": "tomorrow"},
        {"hash": HASH, "queue_items": 0},
        {"hash": HASH, "queue_items": "7"},
        {"hash": HASH, "queue_items": True},
        {"hash": HASH, "color": "red"},
        {"hash": "gv_secret-in-clear"},
        {"expires_at": "2026-11-24T10:00:00Z"},
        "gv_secret-in-clear",
        [[HASH]],
        None,
        7,
    ],
)
def test_a_wrong_entry_stops_a_start_and_spares_the_others_in_a_secret(entry: object) -> None:
    text = json.dumps({"alice": HASH, "bob": entry, "carol": HASH})
    with pytest.raises(KeyFormatError, match="entry 2 of the keys") as caught:
        parse_keys(text)
    assert "secret" not in str(caught.value)
    found = read_keys(text)
    assert [key.name for key in found.keys] == ["alice", "carol"]
    assert found.wrong == (2,)
    assert "secret" not in repr(found)


def test_of_a_list_only_the_wrong_part_is_skipped() -> None:
    found = read_keys(json.dumps({"alice": [HASH, "x", HASH]}))
    assert (len(found.keys), found.wrong) == (2, (1,))


@pytest.mark.parametrize("text", ["{", "{}x", '{"a":', "{" * 100_000])
def test_what_is_no_json_at_all_is_refused_as_a_whole(text: str) -> None:
    with pytest.raises(KeyFormatError):
        read_keys(text)
