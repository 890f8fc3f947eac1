"""`python -m bench.cold_start`: the tables of docs/cold-start.md; `--write` puts them there."""

from __future__ import annotations

import sys

from bench.pages import run, table
from bench.start_budget import (
    IMAGE_GB,
    MACHINES,
    MODES,
    PACKED_GB,
    PULL_MB_S,
    SNAPSHOT_MB_S,
    SYSTEM_GB,
    WEIGHTS_GB,
    Machine,
    Mode,
    paid,
    refill,
    stages,
    total,
)
from config.capacity import CapacitySettings
from gpuvoice.costs.prices import (
    GP3_GB,
    GP3_MB_S,
    HOURS_A_MONTH,
    IPV4,
    REGIONS,
    SNAPSHOT,
    Region,
    dollars,
)

MODULE = "bench.cold_start"
DOCUMENT = "docs/cold-start.md"
WORK_HOURS = 88
STARTS = (22, 44)
FREE_MB_S = 125
HEADINGS: dict[Mode, str] = {
    "cold": "Cold: a new instance pulls the image",
    "warm pool": "From the warm pool: a stopped instance that has the image",
    "baked image": "From a machine image that holds the container image",
}


def inputs(settings: CapacitySettings) -> str:
    rows = [
        ["image, unpacked", f"{IMAGE_GB} GB", "built: a synthetic image of the full size"],
        ["image, packed", f"{PACKED_GB} GB", "assumed: three quarters"],
        ["weights in it", f"{WEIGHTS_GB} GB", "the three models at 16 bits"],
        ["system on the disk", f"{SYSTEM_GB:.0f} GB", "assumed"],
        [
            "pull with Docker, all in all",
            f"{PULL_MB_S[0]:.0f} to {PULL_MB_S[1]:.0f} MB/s unpacked",
            "AWS Machine Learning Blog, June 2026 (SOCI on DLAMI and DLC): 15 to 20 GB in 4 to 6 "
            "minutes, read as widely as possible",
        ],
        [
            "disk, as set",
            f"{settings.volume_gib} GiB, {settings.volume_mib_per_second} MiB/s",
            "`capacity.volume_gib`, `capacity.volume_mib_per_second`",
        ],
        [
            "reading a snapshot",
            f"{SNAPSHOT_MB_S[0]:.0f} to {SNAPSHOT_MB_S[1]:.0f} MB/s",
            "EBS user guide: volume initialization rate of 100 to 300 MiB/s",
        ],
    ]
    for machine in MACHINES:
        rates = (
            f"network {machine.network:g}, disk {machine.disk_baseline:g}, in bursts "
            f"{machine.disk_burst:g} MB/s"
        )
        rows.append([machine.name, rates, machine.source])
    return table(["input", "value", "source"], rows)


def stage_table(settings: CapacitySettings, mode: Mode) -> str:
    by_machine = [stages(machine, settings, mode) for machine in MACHINES]
    rows = [[stage, *(each[stage].seconds() for each in by_machine)] for stage in by_machine[0]]
    rows.append(
        ["**all, minutes**", *(f"**{total(m, settings, mode).minutes()}**" for m in MACHINES)]
    )
    return table(["seconds", *(machine.name for machine in MACHINES)], rows)


def standing(machine: Machine, settings: CapacitySettings, mode: str, region: Region) -> float:
    """Dollars a month before anybody starts anything. A parked instance has its disk."""
    disk = settings.volume_gib * GP3_GB.of(region)
    disk += max(0, settings.volume_mib_per_second - FREE_MB_S) * GP3_MB_S.of(region)
    idle = HOURS_A_MONTH - WORK_HOURS
    if mode == "always on":
        hour = machine.instance.on_demand.of(region) + IPV4.of(region)
        return idle * hour + disk * idle / HOURS_A_MONTH
    if mode == "warm pool":
        return disk * idle / HOURS_A_MONTH
    return (IMAGE_GB + SYSTEM_GB) * SNAPSHOT.of(region) if mode == "baked image" else 0.0


def a_start(machine: Machine, settings: CapacitySettings, mode: str, region: Region) -> float:
    """Dollars of GPU time that a start, and filling the pool after the stop, take."""
    if mode not in MODES:
        return 0.0
    seconds = paid(machine, settings, mode).middle
    if mode == "warm pool":
        seconds += refill(machine, settings).middle
    return seconds / 3600 * machine.instance.on_demand.of(region)


def price_rows(settings: CapacitySettings) -> list[list[str]]:
    rows = []
    for machine in MACHINES:
        for mode in (*MODES, "always on"):
            row = [machine.name, mode, wait(machine, settings, mode)]
            for region in REGIONS:
                fixed = standing(machine, settings, mode, region)
                each = a_start(machine, settings, mode, region)
                row += [f"{fixed:.2f} + {each:.3f}"]
                row += [f"{fixed + starts * each:.2f}" for starts in STARTS]
            rows.append(row)
    return rows


def wait(machine: Machine, settings: CapacitySettings, mode: str) -> str:
    return total(machine, settings, mode).minutes() if mode in MODES else "0"


def tables() -> str:
    settings = CapacitySettings()
    parts = ["### Inputs", inputs(settings)]
    for mode in MODES:
        parts += [f"### {HEADINGS[mode]}", stage_table(settings, mode)]
    head = ["type", "choice", "wait, minutes"]
    for region in REGIONS:
        head += [f"{region}: standing + a start", *(f"{starts} starts" for starts in STARTS)]
    parts += [
        f"### Dollars a month beyond {WORK_HOURS} hours of work",
        table(head, price_rows(settings)),
        f"On demand. The stopped instance's disk is {settings.volume_gib} GiB at "
        f"{dollars(GP3_GB.us_east_1)} a GB-month and {settings.volume_mib_per_second} MiB/s, of "
        f"which {FREE_MB_S} are free, at {dollars(GP3_MB_S.us_east_1)} each a month (us-east-1). "
        "A start is the GPU time from the running instance to the first result, in the middle of "
        "the range; with a warm pool also the GPU time of filling it again.",
    ]
    return "\n\n".join(parts)


if __name__ == "__main__":
    sys.exit(run(MODULE, DOCUMENT, tables()))
