"""Readings of one period, and the figures that they come down to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from voicehost.telemetry.emf import Metric

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Reading:
    """One GPU at one instant; None is a figure that this GPU does not give.

    `busy_percent` is the share of the last moments (a sixth of a second to one second, by GPU)
    in which something ran on it.
    """

    busy_percent: float | None
    memory_used_bytes: int | None
    memory_bytes: int | None
    celsius: float | None
    watts: float | None


def figures(looks: Sequence[Sequence[Reading]]) -> dict[str, Metric]:
    """Metrics of a period, from looks that each read every GPU; a figure never given is absent.

    Over time: the mean of use and power, since an instant of a model that works in steps says
    little, and the peak of memory and temperature, since those are what fails. Over several GPUs:
    the largest share and temperature, which an alarm is about, and the sum of memory and power,
    which the machine uses.
    """
    busy = [_most([gpu.busy_percent for gpu in look]) for look in looks]
    used = [_sum([gpu.memory_used_bytes for gpu in look]) for look in looks]
    share = [_most([_share(gpu) for gpu in look]) for look in looks]
    heat = [_most([gpu.celsius for gpu in look]) for look in looks]
    watts = [_sum([gpu.watts for gpu in look]) for look in looks]
    found = {
        "GpuUtilization": _percent(_mean(busy)),
        "GpuMemoryUsedMiB": _plain(_most(used), 1 / MIB),
        "GpuMemoryPercent": _percent(_most(share)),
        "GpuTemperature": _plain(_most(heat)),
        "GpuPowerWatts": _plain(_mean(watts)),
    }
    return {name: metric for name, metric in found.items() if metric is not None}


def _share(gpu: Reading) -> float | None:
    if gpu.memory_used_bytes is None or not gpu.memory_bytes:
        return None
    return 100 * gpu.memory_used_bytes / gpu.memory_bytes


def _given(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _most(values: Sequence[float | None]) -> float | None:
    return max(_given(values), default=None)


def _sum(values: Sequence[float | None]) -> float | None:
    return sum(given) if (given := _given(values)) else None


def _mean(values: Sequence[float | None]) -> float | None:
    return fmean(given) if (given := _given(values)) else None


def _percent(value: float | None) -> Metric | None:
    return None if value is None else ("Percent", round(value, 2))


def _plain(value: float | None, factor: float = 1.0) -> Metric | None:
    # CloudWatch has no watts and no degrees, and its megabytes are not said to be 2^20 bytes.
    return None if value is None else ("None", round(value * factor, 2))
