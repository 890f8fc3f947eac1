"""Everything the stack is billed for: which price, how many units in a month, and why so many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gpuvoice.costs import prices as price
from gpuvoice.costs.prices import HOURS_A_MONTH, Instance, Price, Region

Amount = Callable[[float], float]  # GPU hours a month -> units a month

IMAGE_GB = 12
DATA_OUT_GB = 10  # 40 hours of speech as base64 WAV
SERVERS, KEY_READS_A_HOUR = 2, 36  # each server reads three versions of secrets every 5 minutes
METRICS = 2 * 12 + 2 + 5 + 4  # two servers, the voice, the GPU, what the power controller prints
LOOKS = 60 * HOURS_A_MONTH  # the power controller's, one a minute
LOOK_GB_SECONDS = 0.75  # half a GB for a second and a half
LOOK_WRITES, LOOK_READS, LOOK_LOG_GB = 3, 5, 3e-6
METRIC_READS_AN_HOUR = 60 * 6  # three metrics of each server
LOG_GB_AN_HOUR = 0.001
ALARM_METRICS, COMPOSITE_ALARMS = 41, 2
FREE_MIB_S = 125  # of a gp3 disk's throughput


class Volume(Protocol):
    """The disk of an instance, as the settings of the stacks name it."""

    @property
    def volume_gib(self) -> int: ...
    @property
    def volume_mib_per_second(self) -> int: ...


@dataclass(frozen=True)
class Disk:
    """The disk that a stack has by default."""

    volume_gib: int = 80
    volume_mib_per_second: int = 250


@dataclass(frozen=True)
class Part:
    """One line of the bill."""

    name: str
    price: Price
    amount: Amount
    counted: str
    free: float = 0  # units a month that AWS does not charge for

    def cost(self, region: Region, gpu_hours: float) -> float:
        return self.amount(gpu_hours) * self.price.of(region)

    def allowance(self, region: Region, gpu_hours: float) -> float:
        return min(self.amount(gpu_hours), self.free) * self.price.of(region)


def always(units: float) -> Amount:
    return lambda gpu_hours: units


def running(units_an_hour: float = 1) -> Amount:
    return lambda gpu_hours: units_an_hour * gpu_hours


def share(units: float) -> Amount:
    """Units a month, charged for the hours in which they exist."""
    return lambda gpu_hours: units * gpu_hours / HOURS_A_MONTH


STANDING = (
    Part("Load balancer", price.ALB_HOUR, always(HOURS_A_MONTH), "730 hours"),
    Part("its traffic", price.LCU, always(30), "30 LCU-hours: far below one LCU in any hour"),
    Part("its addresses", price.IPV4, always(2 * HOURS_A_MONTH), "one in each of two zones"),
    Part("Secrets", price.SECRET, always(2), "keys, service key"),
    Part("Container images", price.ECR, always(IMAGE_GB), "12 GB; tags share their weights"),
    Part("Hosted zone", price.ZONE, always(1), "one; less when you have it anyway"),
    Part("Dashboard", price.DASHBOARD, always(1), "one", free=3),
    Part(
        "Alarms", price.ALARM, always(ALARM_METRICS), f"{ALARM_METRICS} metrics in alarms", free=10
    ),
    Part("composite alarms", price.COMPOSITE, always(COMPOSITE_ALARMS), "one a slot"),
    Part(
        "Power functions", price.LAMBDA_TIME, always(LOOKS * LOOK_GB_SECONDS / 1e4),
        "a look each minute, 1.5 s", free=40,
    ),
    Part("their calls", price.LAMBDA_CALLS, always(LOOKS / 1e6), "one a minute", free=1),
    Part(
        "Power table, written", price.TABLE_WRITES, always(LOOK_WRITES * LOOKS / 1e6),
        f"{LOOK_WRITES} items a look",
    ),
    Part(
        "Power table, read", price.TABLE_READS, always(LOOK_READS * LOOKS / 1e6),
        f"{4 * LOOK_READS} KB a look",
    ),
    Part("Logs of power", price.LOGS, always(LOOK_LOG_GB * LOOKS), "3 KB a look", free=1),
    Part("Stored results, access logs", price.S3, always(2), "2 GB"),
    Part("Logs, kept", price.LOG_STORAGE, always(1), "1 GB", free=5),
    Part("Data to callers", price.DATA_OUT, always(DATA_OUT_GB), "10 GB", free=100),
)  # fmt: skip


def while_running(volume: Volume, purchase: Price) -> tuple[Part, ...]:
    """What exists only while a GPU instance does."""
    above = max(0, volume.volume_mib_per_second - FREE_MIB_S)
    return (
        Part("GPU instance", purchase, running(), "its hours, starts included"),
        Part("its disk", price.GP3_GB, share(volume.volume_gib), f"{volume.volume_gib} GiB"),
        Part("throughput of the disk", price.GP3_MB_S, share(above), f"{above} MB/s above 125"),
        Part("its address", price.IPV4, running(), "its hours"),
        Part("Metrics", price.METRIC, share(METRICS), f"{METRICS}: servers, GPU, power", free=10),
        Part("Logs, taken in", price.LOGS, running(LOG_GB_AN_HOUR), "1 MB an hour", free=4),
        Part(
            "Reading the metrics", price.METRIC_READS, running(METRIC_READS_AN_HOUR / 1e3),
            "six each minute, to see whether it is idle",
        ),
        Part(
            "Reading the secrets", price.SECRET_CALLS, running(SERVERS * KEY_READS_A_HOUR / 1e4),
            "each server every 5 minutes",
        ),
    )  # fmt: skip


def bill(volume: Volume, instance: Instance, *, spot: bool) -> tuple[Part, ...]:
    """All parts of a stack with default settings."""
    return STANDING + while_running(volume, instance.spot if spot else instance.on_demand)


def cost(parts: Sequence[Part], region: Region, gpu_hours: float) -> float:
    return sum(part.cost(region, gpu_hours) for part in parts)


def allowances(parts: Sequence[Part], region: Region, gpu_hours: float) -> float:
    return sum(part.allowance(region, gpu_hours) for part in parts)


def net(parts: Sequence[Part], region: Region, gpu_hours: float) -> float:
    """What is left to pay where the account has all of its free allowances."""
    return cost(parts, region, gpu_hours) - allowances(parts, region, gpu_hours)
