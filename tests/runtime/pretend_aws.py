"""Secrets Manager and S3 as moto serves them over HTTP on loopback, for boto3 as it is."""

from __future__ import annotations

import json
import os
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import boto3
from moto.server import ThreadedMotoServer

from tests.servers import free_ports

REGION = "eu-central-1"
BUCKET = "gpuvoice-results"


class PretendAws:
    """What it holds outlives a `stop` and is there again after the next `start`."""

    def __init__(self) -> None:
        self._port = free_ports(1)[0]
        self._server: ThreadedMotoServer | None = None
        self.url = f"http://127.0.0.1:{self._port}"
        self.environment = {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "example",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self._port, verbose=False)
        self._server.start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    def client(self, service: str) -> Any:
        return boto3.session.Session(region_name=REGION).client(service)

    def put(self, name: str, value: object) -> None:
        """Write a secret, as text or as JSON; the version before becomes AWSPREVIOUS."""
        text = value if isinstance(value, str) else json.dumps(value)
        client = self.client("secretsmanager")
        try:
            client.put_secret_value(SecretId=name, SecretString=text)
        except client.exceptions.ResourceNotFoundException:
            client.create_secret(Name=name, SecretString=text)


@contextmanager
def pretend_aws(more: Mapping[str, str]) -> Iterator[PretendAws]:
    """It runs and this process's boto3 is pointed at it; with further environment variables."""
    aws = PretendAws()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with patch.dict(os.environ, {**kept, **aws.environment, **more}, clear=True):
        aws.start()
        try:
            reset(aws)
            yield aws
        finally:
            aws.stop()


def reset(aws: PretendAws) -> None:
    """Forget everything that earlier tests have left."""
    asked = urllib.request.Request(f"{aws.url}/moto-api/reset", method="POST")
    urllib.request.urlopen(asked, timeout=10).close()
