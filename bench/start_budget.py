"""How long a GPU takes from 'wanted' to a warm first result: the budget, stage by stage.

Nothing here was measured on AWS. Stages that can be computed from sizes and rates are; the others
are bounds that we assume, and docs/cold-start.md says how to replace each by a measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from config.capacity import CapacitySettings
from gpuvoice.costs.prices import G4DN, G5, G6, Instance

Mode = Literal["cold", "warm pool", "baked image"]
MODES: tuple[Mode, Mode, Mode] = ("cold", "warm pool", "baked image")
MIB = 1.048576

IMAGE_GB = 16.2  # packages built, weights by their record: docs/image.md
PACKED_GB = 12.2  # weights hardly shrink; packages as packed as their wheels
WEIGHTS_GB = 8.0
SYSTEM_GB = 8.0  # assumed: used part of the GPU machine image
# AWS, Machine Learning Blog, June 2026, "Reducing container cold start times using SOCI index on
# DLAMI and DLC": 15 to 20 GB in 4 to 6 minutes. Read as widely as it can be.
PULL_MB_S = (15_000 / 360, 20_000 / 240)
# EBS user guide: the rates that can be bought for a volume made from a snapshot.
SNAPSHOT_MB_S = (100 * MIB, 300 * MIB)


@dataclass(frozen=True)
class Span:
    """Seconds, the fast case and the slow one."""

    fast: float
    slow: float

    def __add__(self, other: Span) -> Span:
        return Span(self.fast + other.fast, self.slow + other.slow)

    @property
    def middle(self) -> float:
        return (self.fast + self.slow) / 2

    def seconds(self) -> str:
        return f"{self.fast:.0f} to {self.slow:.0f}" if self.slow else "0"

    def minutes(self) -> str:
        return f"{self.fast / 60:.1f} to {self.slow / 60:.1f}"


@dataclass(frozen=True)
class Machine:
    """What limits moving the image: rates of an instance type in MB/s.

    Disk traffic may burst for 30 minutes once in 24 hours; the baseline always holds.
    """

    instance: Instance
    network: float
    disk_baseline: float
    disk_burst: float
    source: str

    @property
    def name(self) -> str:
        return self.instance.name


MACHINES = (
    Machine(G4DN, 625, 118.75, 437.5, "EC2 user guide (disk); network from memory, to be checked"),
    Machine(G5, 312.5, 87.5, 437.5, "from memory, to be checked"),
    Machine(G6, 312.5, 125, 625, "from memory, to be checked"),
)

ASSUMED: dict[str, dict[Mode, Span]] = {
    "capacity asked, instance running": {
        "cold": Span(30, 90), "warm pool": Span(20, 60), "baked image": Span(30, 90),
    },
    "instance running, ECS agent joined": {
        "cold": Span(40, 90), "warm pool": Span(30, 60), "baked image": Span(40, 120),
    },
    "agent joined, task placed": dict.fromkeys(MODES, Span(5, 30)),
}  # fmt: skip
CONTAINER_UP = Span(20, 50)  # imports 14 s, 36 s on a cold disk (measured on a CPU), and Docker
TO_THE_GPU = Span(10, 20)  # assumed: beyond reading the weights
FIRST_RESULT = Span(5, 30)  # assumed: the first call compiles and allocates
PARKING = Span(30, 60)  # assumed: stopping a filled instance


def disk_mb_s(machine: Machine, settings: CapacitySettings) -> Span:
    """Throughput of the disk: the smaller of what the volume and the instance allow."""
    volume = settings.volume_mib_per_second * MIB
    return Span(min(volume, machine.disk_burst), min(volume, machine.disk_baseline))


def pull(machine: Machine, settings: CapacitySettings) -> Span:
    """Download, unpack and write: the slowest of the three, since they overlap."""
    disk = disk_mb_s(machine, settings)
    packed, unpacked = PACKED_GB * 1000, IMAGE_GB * 1000
    return Span(
        max(unpacked / PULL_MB_S[1], packed / machine.network, (packed + unpacked) / disk.fast),
        max(unpacked / PULL_MB_S[0], packed / machine.network, (packed + unpacked) / disk.slow),
    )


def load(machine: Machine, settings: CapacitySettings, mode: Mode) -> Span:
    """Weights from the disk to the GPU. With a baked image, all of it comes from the snapshot."""
    disk = disk_mb_s(machine, settings)
    if mode != "baked image":
        return Span(WEIGHTS_GB * 1000 / disk.fast, WEIGHTS_GB * 1000 / disk.slow) + TO_THE_GPU
    fast, slow = min(disk.fast, SNAPSHOT_MB_S[1]), min(disk.slow, SNAPSHOT_MB_S[0])
    return Span(IMAGE_GB * 1000 / fast, IMAGE_GB * 1000 / slow) + TO_THE_GPU


def stages(machine: Machine, settings: CapacitySettings, mode: Mode) -> dict[str, Span]:
    """The budget of each stage, in order."""
    return {
        **{stage: spans[mode] for stage, spans in ASSUMED.items()},
        "image pulled": pull(machine, settings) if mode == "cold" else Span(0, 0),
        "container up, programs imported": CONTAINER_UP,
        "models loaded": load(machine, settings, mode),
        "first result, warm": FIRST_RESULT,
    }


def total(machine: Machine, settings: CapacitySettings, mode: Mode) -> Span:
    return sum(stages(machine, settings, mode).values(), Span(0, 0))


def paid(machine: Machine, settings: CapacitySettings, mode: Mode) -> Span:
    """The part of a start during which the instance runs, and is paid for."""
    asked = ASSUMED["capacity asked, instance running"][mode]
    whole = total(machine, settings, mode)
    return Span(whole.fast - asked.fast, whole.slow - asked.slow)


def refill(machine: Machine, settings: CapacitySettings) -> Span:
    """Filling a warm pool again: a new instance boots, pulls and parks."""
    joined = ASSUMED["instance running, ECS agent joined"]["cold"]
    return joined + pull(machine, settings) + PARKING
