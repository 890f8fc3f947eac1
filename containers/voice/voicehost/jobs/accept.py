"""`Prefer: respond-async`: a batch call becomes a job."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from voicehost.errors import RequestError
from voicehost.host import Host
from voicehost.items.call import BatchCall
from voicehost.jobs.jobs import Jobs
from voicehost.jobs.posting import Posting
from voicehost.routes.catalog import Parameter
from voicehost.routes.jobs_models import JobAnswer
from voicehost.routes.work import admit
from voicehost.web.record import caller, record
from voicehost.web.waiting import wish

ASYNC = "respond-async"
MOST_NAME = 200
NO_PLACE = (
    "This server has no place to keep jobs in: it needs VOICE_DATA, a folder, or "
    "VOICE_RESULTS_BUCKET. Call it without `Prefer: respond-async`."
)
INLINE = "delivery: a job keeps its results itself; leave it out, and read `/jobs/ID/results`."
WAITING = (
    "callback: only a job calls when it has ended; send the header `Prefer: respond-async` as well."
)
JOB_ANSWERS: dict[str, Any] = {
    "answers": {202: JobAnswer},
    "answer_texts": {202: "With `Prefer: respond-async`: the job that it became."},
    "parameters": [
        Parameter("Prefer", "header", "`respond-async` makes a job of the call."),
        Parameter(
            "Idempotency-Key",
            "header",
            f"At most {MOST_NAME} characters. The same call is the same job, as long as that is "
            "kept; another name makes another.",
        ),
    ],
}


def job_of(host: Host, call: BatchCall) -> Response | None:
    """The answer that says which job it is; None for a caller who waits for the result."""
    if not _wants_a_job():
        return None
    jobs = jobs_of(host)
    body: Any = admit(host, host.schedulers[call.schedulers[0]], call.model, call.body_mib)
    if getattr(body, "delivery", "inline") != "inline":
        raise RequestError(INLINE)
    callback = None if body.callback is None else jobs.callbacks.check(body.callback)
    job = jobs.post(Posting(call, body, caller(), wish(), callback, _name()))
    record().items = job.head.count
    response = jsonify(success=True, **jobs.body(job))
    response.status_code = 202
    response.headers["Location"] = f"{request.script_root}/jobs/{job.head.id}"
    response.headers["Preference-Applied"] = ASYNC
    return response


def refuse_callback(callback: str | None) -> None:
    """For a call that waits for its result. Raises RequestError when one is given."""
    if callback is not None:
        raise RequestError(WAITING)


def jobs_of(host: Host) -> Jobs:
    """Raises RequestError where there is no place for them."""
    if host.jobs is None:
        raise RequestError(NO_PLACE)
    return host.jobs


def _wants_a_job() -> bool:
    asked = ",".join(request.headers.getlist("Prefer")).split(",")
    return ASYNC in {part.split(";")[0].strip().lower() for part in asked}


def _name() -> str:
    name = request.headers.get("Idempotency-Key", "")
    if len(name) > MOST_NAME:
        raise RequestError(f"Idempotency-Key: is longer than {MOST_NAME} characters.")
    return name
