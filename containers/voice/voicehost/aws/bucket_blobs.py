"""Blobs in a bucket, for servers that share what they keep."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from voicehost.aws.s3 import s3_client
from voicehost.blobs.protocol import NAME, Found
from voicehost.errors import KeepingFailed

log = logging.getLogger(__name__)

FAILED = "The bucket does not keep or give what it should; the server's log says why. Try again."
RETRY_SECONDS = 10
AT_ONCE = 32
GONE = ("NoSuchKey", "404")


class BucketBlobs:
    """Nothing is asked before it is needed. The region is boto3's own choice when none is given."""

    def __init__(self, bucket: str, *, region: str | None = None) -> None:
        self._bucket = bucket
        self._region = region
        self._lock = threading.Lock()
        self._made: Any = None

    def put(self, name: str, data: bytes) -> None:
        with _failing():
            self._client().put_object(**self._at(name), Body=data)

    def get(self, name: str) -> bytes | None:
        with _failing():
            try:
                body = self._client().get_object(**self._at(name))["Body"]
            except ClientError as error:
                if error.response["Error"]["Code"] in GONE:
                    return None
                raise
            with body:
                return bytes(body.read())

    def delete(self, name: str) -> None:
        with _failing():
            self._client().delete_object(**self._at(name))

    def find(self, prefix: str) -> Iterator[Found]:
        self._at(prefix.rstrip("/"))
        with _failing():
            pages = self._client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                for each in page.get("Contents", []):
                    yield Found(each["Key"], int(each["Size"]), each["LastModified"])

    def _at(self, name: str) -> dict[str, str]:
        if not NAME.fullmatch(name):
            raise ValueError(f"not a name of a blob: {name!r}")
        return {"Bucket": self._bucket, "Key": name}

    def _client(self) -> Any:
        with self._lock:
            if self._made is not None:
                return self._made
            session = boto3.session.Session(region_name=self._region)
            made = s3_client(session, AT_ONCE)
            # One without credentials would stay without them.
            self._made = made if session.get_credentials() is not None else None
            return made


@contextmanager
def _failing() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
        log.warning("the bucket failed", extra={"reason": code or type(error).__name__})
        raise KeepingFailed(FAILED, retry_after=RETRY_SECONDS) from error
