"""AWS in one region. Each call is bounded, and what goes wrong is an AwsFailed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gpuvoice.aws.failures import SIGN_IN, NoCredentials, failure_of
from gpuvoice.errors import MissingExtra

CONNECT_SECONDS, ANSWER_SECONDS, TRIES = 5, 15, 2
MOST_PAGES = 20


class Account:
    def __init__(self, region: str | None) -> None:
        """Raises MissingExtra without boto3, NoCredentials without any."""
        try:
            import boto3
            from botocore.exceptions import BotoCoreError
        except ImportError:
            raise MissingExtra("aws", "Looking into AWS") from None
        try:
            self._session = boto3.Session(region_name=region)
            found = self._session.get_credentials()
        except BotoCoreError as error:
            raise NoCredentials(f"{error}. {SIGN_IN}") from None
        if found is None:
            raise NoCredentials(f"There are no AWS credentials here. {SIGN_IN}")
        self.region = region or self._session.region_name
        self._clients: dict[str, Any] = {}

    def ask(self, service: str, call: str, /, **given: Any) -> dict[str, Any]:
        """The answer of one call. Raises AwsFailed; `absent` has its own method."""
        client = self._client(service)
        try:
            answer: dict[str, Any] = getattr(client, call)(**given)
        except Exception as error:
            raise failure_of(client, error) from error
        return answer

    def pages(self, service: str, call: str, /, **given: Any) -> Iterator[dict[str, Any]]:
        """The pages of a list, not endlessly many. Raises AwsFailed."""
        client = self._client(service)
        pages = iter(client.get_paginator(call).paginate(**given))
        for _ in range(MOST_PAGES):
            try:
                page = next(pages, None)
            except Exception as error:
                raise failure_of(client, error) from error
            if page is None:
                return
            yield page

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            from botocore.config import Config

            bounds = Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=ANSWER_SECONDS,
                retries={"total_max_attempts": TRIES, "mode": "standard"},
            )
            self._clients[service] = self._session.client(service, config=bounds)
        return self._clients[service]


def code_of(error: BaseException) -> str:
    """AWS's name of what went wrong, behind an AwsFailed; "" if there is none."""
    response = getattr(error.__cause__, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))
