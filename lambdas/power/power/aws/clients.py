"""boto3 clients with bounded patience; their refusals as Unreachable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from power.ports import Unreachable

CONFIG = Config(
    connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 3, "mode": "standard"}
)
# The reach function waits for servers itself.
PATIENT = Config(connect_timeout=3, read_timeout=25, retries={"total_max_attempts": 1})


@cache
def client(service: str) -> Any:
    return boto3.client(service, config=PATIENT if service == "lambda" else CONFIG)


@contextmanager
def asked(what: str) -> Iterator[None]:
    """Raises Unreachable, with what was asked, when AWS refuses or does not answer."""
    try:
        yield
    except ClientError as error:
        code = str(error.response["Error"].get("Code", "unknown"))
        raise Unreachable(f"{what}: {code}") from error
    except BotoCoreError as error:
        raise Unreachable(f"{what}: {type(error).__name__}") from error
