"""One pretended account for a module of tests, and a front of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from moto import mock_aws

from power.aws.quick import quick
from tests.power.house import REGION, House, make_house

_numbers = count()


@pytest.fixture(scope="module")
def account() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patched.setenv(name, "testing")
        patched.setenv("AWS_DEFAULT_REGION", REGION)
        patched.delenv("AWS_ENDPOINT_URL", raising=False)
        quick.cache_clear()
        with mock_aws():
            yield
        quick.cache_clear()


@pytest.fixture
def house(account: None) -> Iterator[House]:
    made = make_house(f"power-{next(_numbers)}")

    def invoked(params: dict[str, Any], **_: object) -> tuple[AWSResponse, dict[str, Any]]:
        made.woken.append(
            {
                "function": params["url_path"].split("/")[3],
                "type": params["headers"]["X-Amz-Invocation-Type"],
                "payload": params["body"],
            }
        )
        return AWSResponse(params["url"], 202, {}, None), {"StatusCode": 202}

    events = quick("lambda").meta.events
    events.register("before-call.lambda.Invoke", invoked)
    yield made.open()
    events.unregister("before-call.lambda.Invoke", invoked)
