"""The share of calls that failed by our fault."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch as cloudwatch

from stacks.names import SERVERS
from stacks.parts.alarm_metrics import FIVE_MINUTES, SlotMetrics


def error_rate(
    slots: Mapping[str, SlotMetrics], *, balancer: str, fewest_calls: int
) -> cloudwatch.MathExpression:
    """Percent of the work calls of five minutes; 0 while there were fewer than `fewest_calls`.

    Failed are the servers' own faults (500s, also those that arrive in a 200's body) and what the
    load balancer could not pass on (502, 504). A 503 is an honest answer: the queue is full, the
    model loads, or the GPU sleeps.
    """
    used: dict[str, cloudwatch.IMetric] = {}
    calls, faults = [], []
    for slot, metrics in slots.items():
        for server in SERVERS:
            key = f"{slot}_{server}"
            used[f"calls_{key}"] = metrics.server(server, "Requests", "Sum", FIVE_MINUTES)
            used[f"faults_{key}"] = metrics.server(server, "ServerErrors", "Sum", FIVE_MINUTES)
            calls.append(f"FILL(calls_{key}, 0)")
            faults.append(f"FILL(faults_{key}, 0)")
    for status in (502, 504):
        used[f"door_{status}"] = cloudwatch.Metric(
            namespace="AWS/ApplicationELB",
            metric_name=f"HTTPCode_ELB_{status}_Count",
            statistic="Sum",
            period=FIVE_MINUTES,
            dimensions_map={"LoadBalancer": balancer},
        )
        calls.append(f"FILL(door_{status}, 0)")
        faults.append(f"FILL(door_{status}, 0)")
    total, failed = " + ".join(calls), " + ".join(faults)
    return cloudwatch.MathExpression(
        expression=f"IF(({total}) >= {fewest_calls}, 100 * ({failed}) / ({total}), 0)",
        using_metrics=used,
        period=FIVE_MINUTES,
        label="failed calls, %",
    )
