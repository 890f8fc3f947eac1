"""A job that a call became: its results are read to the end, and it is removed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import requests

from bench.fuzz.answers import ANSWER_SECONDS
from bench.fuzz.target import Target, session


def job_faults(target: Target, location: str | None, job: Any) -> Iterator[str]:
    """What is wrong with the job that a 202 promised."""
    if not location or not isinstance(job, dict) or "count" not in job:
        yield f"a 202 without a job: {location!r}"
        return
    if not location.endswith(f"/jobs/{job.get('id')}"):
        yield f"the job {job.get('id')} is not at {location}"
        return
    url = target.url + location
    try:
        lines = session().get(f"{url}/results", timeout=ANSWER_SECONDS)
        yield from _lines(lines, int(job["count"]))
        if session().delete(url, timeout=ANSWER_SECONDS).status_code != 200:
            yield "the job could not be removed"
        if session().get(url, timeout=ANSWER_SECONDS).status_code != 404:
            yield "the job is there after it was removed"
    except requests.RequestException as error:
        yield f"the job cannot be followed: {error!r}"


def _lines(answered: requests.Response, count: int) -> Iterator[str]:
    if answered.status_code != 200:
        yield f"results answered {answered.status_code}"
        return
    try:
        found = [json.loads(line) for line in answered.content.split(b"\n") if line]
    except ValueError as error:
        yield f"a line is no JSON: {error}"
        return
    if [line.get("index") for line in found] != [*range(count), None]:
        yield f"{count} items have the lines {[line.get('index') for line in found][:20]}"
    elif found[-1].get("next") != count or "job" not in found[-1]:
        yield f"the last line is {str(found[-1])[:200]}"
