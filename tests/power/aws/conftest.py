"""A pretended account for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto import mock_aws

from power.aws.clients import client
from tests.power.aws.world import REGION, World, make_world


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        client.cache_clear()
        yield
    client.cache_clear()


@pytest.fixture
def world(aws: None) -> World:
    return make_world()
