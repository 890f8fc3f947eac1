"""`"delivery": "s3"`: the answer of a batch is stored, and URLs of it come back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from voicehost.errors import RequestError
from voicehost.host import Host
from voicehost.results import Ending, StoredResult
from voicehost.web.record import record

if TYPE_CHECKING:
    from voicehost.aws.results_bucket import ResultsBucket

Delivery = Literal["inline", "s3"]
DELIVERY: Any = Field(
    "inline",
    description="`s3` stores the result in a bucket and answers with URLs, on servers that have "
    "one; `inline` puts it in the answer.",
)
NO_BUCKET = (
    "This server has no bucket for results (VOICE_RESULTS_BUCKET). Leave out `delivery` to have "
    "the result in the answer itself."
)


class StoredResultBody(BaseModel):
    """One stored object."""

    id: str = Field(description="For `/results/sign`.")
    url: str = Field(description="A GET gives the object, to anybody, without a key.")
    expires_at: AwareDatetime = Field(description="The URL works until then.")
    bytes: int = Field(ge=0)


class StoredAnswer(BaseModel):
    """With `delivery` s3."""

    results: list[StoredResultBody]
    count: int
    success: Literal[True]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The caller's folder in the bucket; usable after the request's own context has ended."""

    bucket: ResultsBucket
    folder: str

    def store(self, files: Sequence[bytes], ending: Ending) -> list[dict[str, Any]]:
        """Store files; their place in JSON. Raises ResultsUnavailable."""
        return results_body(self.bucket.store(self.folder, files, ending))


def delivery(host: Host, asked: Delivery) -> Shelf | None:
    """Where this request's answer is to be stored; None for inline.

    Raises RequestError when there is no bucket.
    """
    return None if asked == "inline" else shelf(host)


def shelf(host: Host) -> Shelf:
    """The caller's folder. Raises RequestError when there is no bucket."""
    if host.results is None:
        raise RequestError(NO_BUCKET)
    return Shelf(host.results, record().folder)


def delivered(answer: dict[str, Any], where: Shelf | None) -> dict[str, Any]:
    """The answer itself, or that of its being stored as one JSON object."""
    if where is None:
        return answer
    stored = where.store([json.dumps(answer).encode()], "json")
    return {"results": stored, "count": answer["count"], "success": True}


def results_body(results: Sequence[StoredResult]) -> list[dict[str, Any]]:
    return [
        {
            "id": result.id,
            "url": result.url,
            "expires_at": f"{result.expires_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "bytes": result.size,
        }
        for result in results
    ]
