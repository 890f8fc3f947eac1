"""`/results/sign`: fresh URLs for stored results. Needs no model, and is no traffic."""

from __future__ import annotations

import logging
from typing import Annotated

from flask import Response, jsonify
from pydantic import Field

from voicehost.errors import UnknownResult
from voicehost.host import Host
from voicehost.results import is_in
from voicehost.routes.catalog import WORK_ERRORS, Endpoint, FirstError, Strict
from voicehost.routes.delivery import StoredAnswer, results_body, shelf
from voicehost.routes.work import check_count
from voicehost.web.bodies import declared_bytes, read_body
from voicehost.web.record import record
from voicehost.web.scope import scope

log = logging.getLogger(__name__)

BODY_SECONDS = 10
ERRORS = {status: WORK_ERRORS[status] for status in (400, 401, 403, 408, 415, 500)} | {
    404: "One of the ids is not that of a stored result of this key; `error` says which.",
    413: "The body or the list is too large.",
    503: "The server is full, or the bucket or the keys cannot be reached; try again after "
    "`Retry-After` seconds.",
}


class SignRequest(Strict):
    ids: Annotated[list[str], FirstError()] = Field(
        description="Ids as a call with `delivery` s3 gave them to the same key.",
        json_schema_extra={"minItems": 1, "maxItems": "texts"},
    )


def endpoints(host: Host) -> list[Endpoint]:
    def sign() -> Response:
        # Waiting for the bucket takes a place like any call, so that health checks keep theirs.
        scope().enter_context(host.gate.request(declared_bytes(1)))
        body = read_body(SignRequest, most_mib=1, seconds=BODY_SECONDS)
        mine = shelf(host)
        check_count("ids", len(body.ids), host.settings.texts)
        for index, result_id in enumerate(body.ids):
            if not is_in(mine.folder, result_id):
                raise _unknown(index)
        sizes = mine.bucket.sizes(body.ids)
        found = [size for size in sizes if size is not None]
        if len(found) < len(sizes):
            raise _unknown(sizes.index(None))
        results = results_body(mine.bucket.sign(body.ids, found))
        log.info(
            "results signed",
            extra={"request_id": record().id, "key": record().key, "count": len(results)},
        )
        return jsonify(results=results, count=len(results), success=True)

    return [
        Endpoint("POST", "/results/sign", "results", "Fresh URLs for stored results", sign,
                 StoredAnswer, SignRequest, errors=ERRORS,
                 description="Also while the model loads and while the server takes no new work.",
                 example={"ids": ["0123456789abcdef0123456789abcdef/"
                                  "0123456789abcdef0123456789abcdef/0.wav"]}),
    ]  # fmt: skip


def _unknown(index: int) -> UnknownResult:
    return UnknownResult(
        f"ids[{index}]: is not the id of a stored result of this key; it may have been deleted."
    )
