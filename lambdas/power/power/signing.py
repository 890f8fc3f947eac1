"""`/results/sign` while the GPU sleeps: results outlive it, and fresh URLs of them wake nothing.

The same request, answer and errors as the servers give (voicehost/routes/results.py).
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from power.alb import Answer, Request
from power.answers import Refused, later, said
from power.bodies import read_json

log = logging.getLogger()

ID = re.compile(
    r"([0-9a-f]{32})/[0-9a-f]{32}/(?:0|[1-9][0-9]{0,5})\.(?:wav|json|flac|mp3|ogg|aac|pcm)"
)
# Where an id's object lies in the bucket.
BUCKET_FOLDER = "results/"
# The servers' own limit, unless VOICE_TEXTS says otherwise.
MOST_IDS = 128
AT_ONCE = 8
RETRY_SECONDS = 10
# Lambda does not say when its role's session ends; URLs end with it.
UNKNOWN_SESSION_MINUTES = 60
AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn")
NO_BUCKET = (
    "This server has no bucket for results (VOICE_RESULTS_BUCKET). Leave out `delivery` to have "
    "the result in the answer itself."
)
UNAVAILABLE = (
    "The bucket for results does not answer as it should. Try again, or leave out `delivery` to "
    "have the result in the answer itself."
)


class ResultLinks:
    """Signs URLs of objects in the bucket, for so many minutes at most."""

    def __init__(self, bucket: str, minutes: int) -> None:
        self._bucket, self._minutes = bucket, minutes
        session = boto3.session.Session()
        self._credentials = session.get_credentials()
        self._client = _client(session)

    def sizes(self, ids: Sequence[str]) -> list[int | None]:
        """Bytes of each object; None for one that is gone."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self._size, ids))

    def sign(self, ids: Sequence[str], sizes: Sequence[int]) -> list[dict[str, object]]:
        """Where each object is, for anybody, until when."""
        now = datetime.now(UTC).replace(microsecond=0)
        # Read before signing: a session that is renewed meanwhile only lasts longer.
        end = min(now + timedelta(minutes=self._minutes), self._session_end(now))
        seconds = max(1, int((end - now).total_seconds()))
        return [
            {
                "id": result_id,
                "url": self._client.generate_presigned_url(
                    "get_object", self._object(result_id), ExpiresIn=seconds
                ),
                "expires_at": f"{end:%Y-%m-%dT%H:%M:%SZ}",
                "bytes": size,
            }
            for result_id, size in zip(ids, sizes, strict=True)
        ]

    def _size(self, result_id: str) -> int | None:
        try:
            return int(self._client.head_object(**self._object(result_id))["ContentLength"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "404":
                return None
            raise

    def _object(self, result_id: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": BUCKET_FOLDER + result_id}

    def _session_end(self, now: datetime) -> datetime:
        """botocore keeps the time to itself: a private attribute, pinned by a test."""
        if self._credentials is None or not self._credentials.get_frozen_credentials().token:
            return datetime.max.replace(tzinfo=UTC)
        end = getattr(self._credentials, "_expiry_time", None)
        if isinstance(end, datetime):
            return end.astimezone(UTC)
        return now + timedelta(minutes=UNKNOWN_SESSION_MINUTES)


def sign(request: Request, owner: str, made: Callable[[], ResultLinks | None]) -> Answer:
    """Raises Refused."""
    ids, links = _ids(read_json(request)), made()
    if links is None:
        raise Refused(400, NO_BUCKET)
    if not ids:
        raise Refused(400, "ids: is empty; send at least one.")
    if len(ids) > MOST_IDS:
        count = f"ids: has {len(ids)} entries and {MOST_IDS} fit in one request. Send several."
        raise Refused(413, count)
    folder = hashlib.sha256(owner.encode()).hexdigest()[:32]
    for index, result_id in enumerate(ids):
        match = ID.fullmatch(result_id)
        if match is None or match.group(1) != folder:
            raise _unknown(index)
    try:
        sizes = links.sizes(ids)
        found = [size for size in sizes if size is not None]
        if len(found) < len(sizes):
            raise _unknown(sizes.index(None))
        results = links.sign(ids, found)
    except (ClientError, BotoCoreError, ValueError) as error:
        log.warning(json.dumps({"message": "results bucket failed", "why": type(error).__name__}))
        raise Refused(503, UNAVAILABLE, later(RETRY_SECONDS)) from None
    return said(200, {"results": results, "count": len(results), "success": True})


def _ids(document: object) -> list[str]:
    if not isinstance(document, dict):
        raise Refused(400, "The body: Input should be an object.")
    if "ids" not in document:
        raise Refused(400, "ids: Field required.")
    ids = document["ids"]
    if not isinstance(ids, list):
        raise Refused(400, "ids: Input should be a valid array.")
    for index, each in enumerate(ids):
        if not isinstance(each, str):
            raise Refused(400, f"ids[{index}]: Input should be a valid string.")
    return ids


def _unknown(index: int) -> Refused:
    return Refused(
        404,
        f"ids[{index}]: is not the id of a stored result of this key; it may have been deleted.",
    )


def _client(session: Any) -> Any:
    def made(addressing: str) -> Any:
        config = Config(
            signature_version="s3v4",
            connect_timeout=2,
            read_timeout=5,
            retries={"total_max_attempts": 2, "mode": "standard"},
            max_pool_connections=AT_ONCE,
            s3={"addressing_style": addressing},
        )
        return session.client("s3", config=config)

    client = made("path")
    host = urlsplit(client.meta.endpoint_url).hostname or ""
    # Only URLs with the bucket in the host name go to the region's own address; a signature does
    # not survive being redirected there.
    return made("virtual") if host.endswith(AWS_DOMAINS) else client
