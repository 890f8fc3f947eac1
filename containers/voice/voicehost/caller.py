"""For whom work is done, as plain data that outlives the request."""

from __future__ import annotations

from dataclasses import dataclass

# Behind a key's name: its jobs take turns with its calls, which never wait behind a whole job.
JOBS = "+jobs"


@dataclass(frozen=True, slots=True)
class Caller:
    """`key` is the key's name, `folder` what is kept for it, `queue_items` its own limit of
    waiting pieces where it has one."""

    key: str
    folder: str
    request_id: str
    queue_items: int | None = None
