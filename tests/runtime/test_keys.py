"""Keys are kept as hashes, found in constant order, and never echoed."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest

from voicehost.key_format import KeyFormatError, parse_keys
from voicehost.keys import Key, KeyRing, new_key


def test_a_new_key_is_found_by_its_clear_text_alone() -> None:
    clear, digest = new_key()
    ring = KeyRing(tuple(parse_keys(f"alice={digest},power={new_key()[1]}:service")))
    found = ring.find(clear)
    assert found is not None
    assert found.name == "alice"
    assert not found.service
    assert ring.find(clear + "x") is None
    assert ring.find(digest) is None
    assert ring.find("") is None


def test_a_name_may_hold_two_keys_while_it_is_rotated() -> None:
    (old, old_digest), (new, new_digest) = new_key(), new_key()
    ring = KeyRing(tuple(parse_keys(json.dumps({"alice": [old_digest, new_digest]}))))
    for clear in (old, new):
        found = ring.find(clear)
        assert found is not None
        assert found.name == "alice"


def test_the_limit_of_a_name_is_that_of_its_last_valid_key() -> None:
    soon = datetime.fromtimestamp(100, UTC)
    ring = KeyRing(
        (
            Key("alice", bytes(32), queue_items=64),
            Key("alice", bytes(32), queue_items=32),
            Key("alice", bytes(32), queue_items=8, expires_at=soon),
            Key("bob", bytes(32)),
        )
    )
    assert ring.limit_of("alice", now=99) == 8
    assert ring.limit_of("alice", now=100) == 32
    assert ring.limit_of("bob") is None
    assert ring.limit_of("carol") is None


def test_a_service_key_is_marked() -> None:
    assert parse_keys(f"power=sha256:{'0' * 64}:service") == (Key("power", bytes(32), True),)


@pytest.mark.parametrize(
    "text",
    ["alice", "alice=", "alice=secret-in-clear", "=sha256:" + "0" * 64, "a b=sha256:" + "0" * 64,
     "alice=sha256:abc", "{", '{"alice": 5}', "{}x", "alice=sha256:" + "g" * 64,
     "gv_secret-in-clear", "secret=x"],
)  # fmt: skip
def test_what_is_no_hash_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(KeyFormatError) as caught:
        parse_keys(text)
    assert "secret" not in str(caught.value)


def test_neither_key_nor_ring_shows_a_hash() -> None:
    digest = hashlib.sha256(b"x").digest()
    shown = repr(KeyRing((Key("alice", digest),)))
    assert "alice" in shown
    assert digest.hex() not in shown
    assert repr(digest) not in shown
