"""How full the slot's GPU was, as its servers told CloudWatch."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from operate.cloud import Cloud
from operate.verify.candidate import Candidate
from stacks.names import Naming

METRIC = "GpuMemoryPercent"
PERIOD_SECONDS = 60
# CloudWatch shows a minute's figures some minutes later.
WAIT_SECONDS = 240.0
LOOK_SECONDS = 15.0


def vram_percent(
    cloud: Cloud, slot: Candidate, since: datetime, wait_seconds: float = WAIT_SECONDS
) -> float | None:
    """The most since then, waiting a while for the minute in which the work ended; None where the
    engines use no GPU, or without a figure."""
    done = datetime.now(UTC)
    end = time.monotonic() + (wait_seconds if slot.gpu else 0)
    while (found := _most(cloud, slot, since, done)) is None and time.monotonic() < end:
        print("Waiting for the GPU's memory in CloudWatch.", flush=True)
        time.sleep(min(LOOK_SECONDS, max(0.0, end - time.monotonic())))
    return found


def _most(cloud: Cloud, slot: Candidate, since: datetime, done: datetime) -> float | None:
    """None until the minute of `done` is there: one of before the work says nothing of it."""
    points = cloud.client("cloudwatch").get_metric_statistics(
        Namespace=Naming(cloud.environment).namespace,
        MetricName=METRIC,
        Dimensions=[{"Name": "Slot", "Value": slot.slot}],
        StartTime=since - timedelta(seconds=PERIOD_SECONDS),
        EndTime=datetime.now(UTC) + timedelta(seconds=PERIOD_SECONDS),
        Period=PERIOD_SECONDS,
        Statistics=["Maximum"],
    )["Datapoints"]
    last = done - timedelta(seconds=PERIOD_SECONDS)
    if not any(point["Timestamp"] > last for point in points):
        return None
    return max(float(point["Maximum"]) for point in points)
