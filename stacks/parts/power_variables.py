"""What the power functions read from their environment (power/settings.py)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from config.capacity import CapacitySettings
from config.power import PowerSettings
from config.schedule import ScheduleSettings, window
from config.zones import zone_file
from stacks.parts.slot import Slot

# Of the section `power`, all but these is the controller's policy.
NOT_POLICY = {"most_lease_hours", "on_demand_price_per_hour", "schedule"}


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def slot_names(
    slots: Mapping[str, Slot], capacities: Mapping[str, CapacitySettings], on_demand_price: float
) -> str:
    """JSON by slot; an on-demand slot has one price."""
    found: dict[str, Any] = {}
    for name, slot in slots.items():
        capacity = capacities[name]
        spot = capacity.purchase == "spot"
        found[name] = {
            "service": slot.service.service_name,
            "group": slot.capacity.group.auto_scaling_group_name,
            "groups": {
                server: group.target_group_arn for server, group in slot.target_groups.items()
            },
            "price": capacity.price_per_hour,
            "on_demand_price": on_demand_price if spot else capacity.price_per_hour,
            "spot": spot,
        }
    return compact(found)


def policy(power: PowerSettings) -> str:
    return compact(power.model_dump(mode="json", exclude=NOT_POLICY))


def week(schedule: ScheduleSettings) -> dict[str, str]:
    """Quiet hours and the zone they are in; without quiet hours nobody asks for a local time."""
    if not schedule.quiet:
        return {}
    windows = [window(text) for text in schedule.quiet]
    found = {"POWER_QUIET": compact([[each.days, each.begin, each.end] for each in windows])}
    if schedule.time_zone != "UTC":
        # A function's image need not know the zone.
        zone = zone_file(schedule.time_zone)
        found["POWER_ZONE"] = base64.b64encode(zone).decode("ascii")
    return found
