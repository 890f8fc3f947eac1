"""Who hears of trouble, and when."""

from __future__ import annotations

from pydantic import Field

from config.section import Section


class AlarmsSettings(Section):
    email: str | None = Field(
        None,
        pattern=r"^[^@\s]+@[^@\s]+$",
        description="Address that alarms are sent to; AWS asks it to confirm.",
    )
    gpu_memory_percent: float = Field(
        95, gt=0, le=100, description="GPU memory in use above which an alarm goes off, in percent."
    )
    error_percent: float = Field(
        10, gt=0, le=100, description="Share of failed calls above which one goes off, in percent."
    )
    error_calls: int = Field(
        5, ge=1, description="Fewest calls in five minutes for that share to count."
    )
    silent_minutes: int = Field(
        5,
        ge=2,
        le=60,
        description="Minutes without a sign of life that count as unreachable, once "
        "`servers.start_minutes` and ten more have passed since the instance came.",
    )
