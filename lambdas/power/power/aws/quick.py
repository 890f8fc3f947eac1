"""boto3 clients for a function that somebody waits for: they give up before its time is over."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

QUICK = Config(
    connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"}
)


@cache
def quick(service: str) -> Any:
    return boto3.client(service, config=QUICK)
