"""The GPU instances of one slot."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from config.section import Section

GpuType = Annotated[str, Field(pattern=r"^(g4dn|g5|g6|g6e|p4d|p5)\.[0-9]*x?large$")]


class CapacitySettings(Section):
    instance_types: tuple[GpuType, ...] = Field(
        ("g4dn.xlarge",),
        min_length=1,
        description="Instance types with one GPU or more, the preferred one first. The first that "
        "has capacity is taken; for Spot, the one least likely to be interrupted.",
    )
    purchase: Literal["on_demand", "spot"] = Field(
        "on_demand",
        description="`spot` costs about 40 percent and may be taken away with two minutes' notice.",
    )
    price_per_hour: float = Field(
        0.526,
        gt=0,
        description="US dollars an hour of the preferred type, for the cost on the dashboard: "
        "what your region and purchase charge.",
    )
    ami_id: str | None = Field(
        None,
        pattern=r"^ami-[0-9a-f]{8,17}$",
        description="Machine image. None: AWS's newest ECS GPU image at each deploy, which no diff "
        "shows; name one to decide on driver changes yourself.",
    )
    volume_gib: int = Field(
        80, ge=40, le=16384, description="Disk of an instance, in GiB: system, image, unpacking."
    )
    volume_mib_per_second: int = Field(
        250, ge=125, le=1000, description="Throughput of that disk, in MiB/s; above 125 it is paid."
    )
    warm_pool: bool = Field(
        False,
        description="Keep one stopped instance of the active slot that has pulled the image: the "
        "GPU wakes minutes sooner, for about $11.40 a month of disk ($6.40 for its size, $5.00 for "
        "its throughput) and the GPU minutes of filling it again after each stop. On demand, with "
        "one instance type.",
    )

    @model_validator(mode="after")
    def _warm_pool_fits(self) -> CapacitySettings:
        if self.warm_pool and (self.purchase != "on_demand" or len(self.instance_types) != 1):
            raise ValueError(
                "warm_pool: needs purchase on_demand and exactly one instance type, because "
                "Auto Scaling keeps no warm pool for a group of mixed instances"
            )
        return self
