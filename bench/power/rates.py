"""How often things go wrong in the simulated world, and how long AWS takes.

Stages of a start: docs/cold-start.md (g4dn.xlarge, cold). Metrics: Datadog's page on cloud metric
delays gives about 2 minutes for one-minute CloudWatch metrics and 5 to 10 for others; AWS's
reference of PutMetricData says up to 15 minutes for a new metric.
"""

from __future__ import annotations

from dataclasses import dataclass

# Seconds from the stage before: shortest and longest.
CAPACITY = (30.0, 90.0)
AGENT = (40.0, 90.0)
PLACED = (5.0, 30.0)
PULLED = (158.0, 317.0)
IMPORTED = (20.0, 50.0)
LOADED = (39.0, 83.0)
FIRST_RESULT = (5.0, 30.0)
SLOWEST_START = sum(
    longest for _, longest in (CAPACITY, AGENT, PLACED, PULLED, IMPORTED, LOADED, FIRST_RESULT)
)
# An instance that is told to go; a rule that changes; the programs of a server that died.
ENDING = (20.0, 90.0)
RULE = (0.0, 5.0)
RESTART = (5.0, 15.0)


@dataclass(frozen=True, slots=True)
class Rates:
    """Probabilities, and how often an hour or a day."""

    # Of each call that the controller makes.
    crash: float = 2e-5
    stall: float = 2e-5
    unreachable: float = 1e-4
    unreachable_done: float = 5e-5
    # Of each invocation.
    sweep_lost: float = 1e-3
    sweep_late: float = 5e-3
    doubled: float = 1e-3
    alarm_late: float = 0.05
    alarm_doubled: float = 0.02
    # Of each line of metrics; periods without any, an hour on.
    line_lost: float = 2e-3
    line_late: float = 0.01
    dark_per_hour: float = 2e-3
    # Of each start.
    no_capacity: float = 0.01
    pull_fails: float = 0.005
    # An hour on.
    server_dies_per_hour: float = 1e-3
    machine_dies_per_hour: float = 2e-4
    spot_notice_per_hour: float = 0.01
    spot_loss_per_hour: float = 1e-3
    unreachable_per_hour: float = 2e-3
    # What people do, a day.
    stops_per_day: float = 0.15
    starts_per_day: float = 0.1
    leases_per_day: float = 0.15
    deploys_per_day: float = 0.15
    by_hand_per_day: float = 0.02
    # Of each stop: somebody swaps the slots, or deletes a rule, in the minutes behind it.
    swap_at_stop: float = 1e-3
    # Of each time that the servers are asked, which is done to stop them: calls in those seconds.
    calls_at_stop: float = 0.02
    # Of each session of work: somebody comes back at about the idle limit.
    comes_back: float = 0.35
    # Minutes that a limit may be passed by: what crashes, lost sweeps and locks cost.
    late_minutes: float = 6.0


REALISTIC = Rates()
HARSH = Rates(
    crash=2e-3,
    stall=3e-3,
    unreachable=4e-3,
    unreachable_done=2e-3,
    sweep_lost=0.03,
    sweep_late=0.1,
    doubled=0.03,
    alarm_late=0.3,
    alarm_doubled=0.3,
    line_lost=0.02,
    line_late=0.05,
    dark_per_hour=0.04,
    no_capacity=0.03,
    pull_fails=0.02,
    server_dies_per_hour=0.02,
    machine_dies_per_hour=0.005,
    spot_notice_per_hour=0.05,
    spot_loss_per_hour=0.01,
    unreachable_per_hour=0.04,
    stops_per_day=2.0,
    starts_per_day=1.0,
    leases_per_day=1.0,
    deploys_per_day=1.0,
    by_hand_per_day=0.2,
    swap_at_stop=0.1,
    calls_at_stop=0.3,
    comes_back=0.9,
    late_minutes=15.0,
)
