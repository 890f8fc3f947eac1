"""`/jobs`: how batch calls stand that were sent with `Prefer: respond-async`, and their results.

They need no model and are no traffic: they work while it loads, and while the server takes no new
work. Each takes a place like any call, so that health checks keep theirs.
"""

from __future__ import annotations

import logging

from flask import Response, jsonify, request

from voicehost.errors import RequestError
from voicehost.host import Host
from voicehost.jobs.accept import jobs_of
from voicehost.jobs.jobs import Jobs
from voicehost.jobs.stream import Lines
from voicehost.routes import jobs_models as models
from voicehost.routes.catalog import WORK_ERRORS, Endpoint, Parameter
from voicehost.web.record import record
from voicehost.web.scope import scope

log = logging.getLogger(__name__)

LINES = "application/x-ndjson"
ERRORS = {status: WORK_ERRORS[status] for status in (400, 401, 403, 500)} | {
    503: "The server is full, or the keys or the place for jobs cannot be reached; try again after "
    "`Retry-After` seconds.",
}
ONE_ERRORS = ERRORS | {404: "There is no such job of this key."}
ID = Parameter("id", "path", "The job's id.")
FROM = Parameter("from", "query", "Index of the first item that is wanted; 0 when left out.",
                 {"type": "integer", "minimum": 0})  # fmt: skip
FOLLOW = Parameter("follow", "query", "`false`: only what is there, without waiting for the rest.",
                   {"type": "string", "enum": ["true", "false"]})  # fmt: skip
HOW_LINES = (
    "One JSON object a line, in the order of the items, each as soon as it and all before it are "
    "there: `index` and what the single call would have answered, or `index`, `error` and "
    "`status`. Empty lines keep the connection open. The last line has no `index`: it has `job`, "
    "or `error` when the server could not go on, and `next`. A job that has not ended goes on: ask "
    "again with `from`. Ten minutes are followed at most, and nothing while too many follow. "
    "Without a last line the connection was cut."
)


def endpoints(host: Host) -> list[Endpoint]:
    return [
        Endpoint("GET", "/jobs", "results", "The caller's jobs", lambda: _list(host),
                 models.JobsAnswer, errors=ERRORS),
        Endpoint("GET", "/jobs/{id}", "results", "How a job stands",
                 lambda id: _show(host, id), models.JobAnswer, errors=ONE_ERRORS, parameters=[ID]),
        Endpoint("GET", "/jobs/{id}/results", "results", "A job's results, as they come",
                 lambda id: _results(host, id), models.ResultLine, errors=ONE_ERRORS,
                 parameters=[ID, FROM, FOLLOW], description=HOW_LINES, answers_as=LINES),
        Endpoint("POST", "/jobs/{id}/cancel", "results", "Drop what is not done of a job",
                 lambda id: _cancel(host, id), models.JobAnswer, errors=ONE_ERRORS,
                 parameters=[ID]),
        Endpoint("DELETE", "/jobs/{id}", "results", "Cancel a job and remove all of it",
                 lambda id: _delete(host, id), models.DeletedAnswer, errors=ONE_ERRORS,
                 parameters=[ID]),
    ]  # fmt: skip


def _list(host: Host) -> Response:
    jobs = _admitted(host)
    found = [jobs.body(job, items=False) for job in jobs.found.all(record().folder)]
    return jsonify(jobs=found, count=len(found), success=True)


def _show(host: Host, given: str) -> Response:
    jobs = _admitted(host)
    return jsonify(success=True, **jobs.body(jobs.found.job(record().folder, given)))


def _cancel(host: Host, given: str) -> Response:
    jobs = _admitted(host)
    job = jobs.cancel(record().folder, given)
    log.info("job cancelled", extra={"request_id": record().id, "key": record().key, "job": given})
    return jsonify(success=True, **jobs.body(job))


def _delete(host: Host, given: str) -> Response:
    jobs = _admitted(host)
    jobs.remove(record().folder, given)
    log.info("job deleted", extra={"request_id": record().id, "key": record().key, "job": given})
    return jsonify(success=True, id=given)


def _results(host: Host, given: str) -> Response:
    jobs = _admitted(host)
    start = _number(request.args.get("from", "0"))
    follow = _yes(request.args.get("follow", "true"))
    job = jobs.found.job(record().folder, given)
    follow = follow and scope().enter_context(jobs.followers.one_more())
    lines = Lines(jobs, job, start, follow, host.settings.heartbeat_seconds)
    return Response(iter(lines), mimetype=LINES)


def _admitted(host: Host) -> Jobs:
    scope().enter_context(host.gate.request(0))
    return jobs_of(host)


def _number(given: str) -> int:
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        raise RequestError("from: send the index of an item, 0 for the first.")
    return int(given)


def _yes(given: str) -> bool:
    if given.lower() not in ("true", "false"):
        raise RequestError("follow: send true or false.")
    return given.lower() == "true"
