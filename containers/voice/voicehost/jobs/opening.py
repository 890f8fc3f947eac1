"""The jobs of a server, where there is a place to keep them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from voicehost.host import Host
from voicehost.items.call import BatchCall
from voicehost.jobs.jobs import Jobs
from voicehost.jobs.shelf import Shelf

# The slot of a server that has none.
LOCAL = "local"


def with_jobs(host: Host, *calls: Callable[[Host], BatchCall]) -> Host:
    """The host with the jobs that these calls can become."""
    if host.blobs is None:
        return host
    settings = host.settings
    shelf = Shelf(host.blobs, host.server, settings.slot or LOCAL, settings.jobs_days)
    jobs = Jobs(host, [call(host) for call in calls], shelf)
    host.metrics.gauge("JobsOpen", lambda: len(jobs.live()), "Count")
    return replace(host, jobs=jobs)
