"""How a job ended, by what became of its items."""

from __future__ import annotations

from typing import Literal

from voicehost.jobs.job import Job, Stop
from voicehost.jobs.records import End, Failure, now

GIVEN_UP = Failure(
    error="The server ended several times while it worked on this job, or could not keep what it "
    "made, so the job was given up. Send the call again to have the rest done; if that fails too, "
    "send its items in smaller calls to find out which one it is.",
    status=500,
)


def failed_for_good(job: Job) -> None:
    """What is not done of a job that does not get on is not tried again."""
    for index in range(job.head.count):
        if not job.settled(index):
            job.fail(index, GIVEN_UP)
    job.given_up = True


def ending_of(job: Job) -> End:
    undone = [index for index in range(job.head.count) if not job.settled(index)]
    status: Literal["done", "cancelled", "failed"] = "done"
    if job.given_up:
        status = "failed"
    elif job.why is Stop.CANCELLED and undone:
        status = "cancelled"
    return End(
        status=status,
        ended_at=now(),
        failures=job.failures,
        undone=undone,
        told=job.head.callback is None,
    )
