"""The bucket that large answers are stored in, and the URLs that hand them out for a time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from voicehost.aws.s3 import s3_client
from voicehost.errors import ResultsUnavailable
from voicehost.results import CONTENT_TYPES, Ending, StoredResult, new_ids, object_key
from voicehost.telemetry.metrics import Metrics

log = logging.getLogger(__name__)
Result = TypeVar("Result")

AT_ONCE = 8
SIGNED_AT_ONCE = 4
# For all objects of one call together.
STORE_SECONDS = 120.0
LOOK_SECONDS = 15.0
RETRY_SECONDS = 10
UNAVAILABLE = (
    "The bucket for results does not answer as it should. Try again, or leave out `delivery` to "
    "have the result in the answer itself."
)


class ResultsBucket:
    """Stores and signs, from the threads of requests; a few objects at once for all of them."""

    def __init__(
        self, bucket: str, url_minutes: int, *, metrics: Metrics, region: str | None = None
    ) -> None:
        self._bucket = bucket
        self._seconds = url_minutes * 60
        self._region = region
        self._metrics = metrics
        self._pool = ThreadPoolExecutor(AT_ONCE, "results")
        self._looks = ThreadPoolExecutor(SIGNED_AT_ONCE, "results-look")
        self._lock = threading.Lock()
        self._made: tuple[Any, Any] | None = None

    def store(self, owner: str, files: Sequence[bytes], ending: Ending) -> list[StoredResult]:
        """Store the files of one call in a folder. Raises ResultsUnavailable."""
        ids = new_ids(owner, len(files), ending)

        def put(index: int) -> None:
            self._client().put_object(
                Bucket=self._bucket,
                Key=object_key(ids[index]),
                Body=files[index],
                ContentType=CONTENT_TYPES[ending],
            )

        self._each(self._pool, put, range(len(files)), STORE_SECONDS)
        log.info("results stored", extra={"call": ids[0].rsplit("/", 1)[0], "count": len(ids)})
        return self.sign(ids, [len(file) for file in files])

    def sizes(self, ids: Sequence[str]) -> list[int | None]:
        """Bytes of each object, None for one that is gone. Raises ResultsUnavailable."""

        def size(result_id: str) -> int | None:
            key = object_key(result_id)
            try:
                found = self._client().head_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if error.response["Error"]["Code"] == "404":
                    return None
                raise
            return int(found["ContentLength"])

        return self._each(self._looks, size, ids, LOOK_SECONDS)

    def sign(self, ids: Sequence[str], sizes: Sequence[int]) -> list[StoredResult]:
        """Fresh URLs for objects that exist. Raises ResultsUnavailable."""

        def signed() -> list[StoredResult]:
            client, credentials = self._parts()
            # Read before signing: a session that is renewed meanwhile only lasts longer.
            end = self._url_end(credentials)
            return [
                StoredResult(result_id, self._url(client, result_id), end, size)
                for result_id, size in zip(ids, sizes, strict=True)
            ]

        return self._or_unavailable(signed)

    def close(self) -> None:
        for pool in (self._pool, self._looks):
            pool.shutdown(wait=False, cancel_futures=True)

    def _url(self, client: Any, result_id: str) -> str:
        asked = {"Bucket": self._bucket, "Key": object_key(result_id)}
        url: str = client.generate_presigned_url("get_object", asked, ExpiresIn=self._seconds)
        return url

    def _url_end(self, credentials: Any) -> datetime:
        """When a URL signed now stops working: at its own end or at that of the role's session."""
        end = datetime.fromtimestamp(int(time.time()), UTC) + timedelta(seconds=self._seconds)
        session_end = credentials_end(credentials)
        return end if session_end is None else min(end, session_end)

    def _each(
        self,
        pool: ThreadPoolExecutor,
        work: Callable[[Any], Result],
        things: Sequence[Any],
        seconds: float,
    ) -> list[Result]:
        end = time.monotonic() + seconds
        futures = [pool.submit(work, thing) for thing in things]
        try:
            return self._or_unavailable(
                lambda: [future.result(max(0.0, end - time.monotonic())) for future in futures]
            )
        finally:
            for future in futures:
                future.cancel()

    def _or_unavailable(self, work: Callable[[], Result]) -> Result:
        try:
            return work()
        except (ClientError, BotoCoreError, ValueError, TimeoutError) as error:
            code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
            log.warning("results bucket failed", extra={"reason": code or type(error).__name__})
            self._metrics.add("ResultsFailures", 1, "Count")
        raise ResultsUnavailable(UNAVAILABLE, retry_after=RETRY_SECONDS)

    def _client(self) -> Any:
        return self._parts()[0]

    def _parts(self) -> tuple[Any, Any]:
        # Not made before it is needed: it asks for credentials, which may not be there yet.
        with self._lock:
            if self._made is not None:
                return self._made
            session = boto3.session.Session(region_name=self._region)
            made = s3_client(session, AT_ONCE + SIGNED_AT_ONCE), session.get_credentials()
            # One without credentials would stay without them.
            self._made = made if made[1] is not None else None
            return made


def credentials_end(credentials: Any) -> datetime | None:
    """When temporary credentials end; None for lasting ones. Renews them first if that is due.

    botocore keeps the time to itself: a private attribute, pinned by a test.
    """
    if credentials is None:
        return None
    credentials.get_frozen_credentials()
    end = getattr(credentials, "_expiry_time", None)
    return end.astimezone(UTC) if isinstance(end, datetime) else None
