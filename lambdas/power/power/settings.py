"""The functions' settings, from their environment; the only reader of it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from power.policy import Policy
from power.quiet import QuietWindow, zone_from


@dataclass(frozen=True, slots=True)
class SlotNames:
    """What one slot's parts are called; prices in US dollars an hour. `groups` are the ARNs of its
    target groups by server."""

    service: str
    group: str
    groups: Mapping[str, str]
    price: float
    on_demand_price: float
    spot: bool = False


@dataclass(frozen=True, slots=True)
class PowerSettings:
    """Settings of the controller and the front; the reach function has none.

    `POWER_SLOTS` is JSON of `SlotNames` by slot, `POWER_POLICY` JSON of `Policy`, `POWER_QUIET` a
    JSON list of `[[days], begin minute, end minute]`, `POWER_ZONE` a TZif file in base64 (UTC
    without it).
    """

    environment: str
    namespace: str
    table: str
    cluster: str
    listener: str
    sleep_group: str
    slots: Mapping[str, SlotNames]
    policy: Policy
    keys_secret: str
    service_key_secret: str
    keys_minutes: float
    controller: str
    reach: str
    cors_origins: tuple[str, ...]
    results_bucket: str
    results_url_minutes: int
    most_lease_hours: float
    quiet: tuple[QuietWindow, ...] = ()
    zone: tzinfo = field(default=UTC)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> PowerSettings:
        """Raises KeyError or ValueError where the stack left something out."""
        env = os.environ if env is None else env
        slots = json.loads(env["POWER_SLOTS"])
        zone = env.get("POWER_ZONE", "")
        return cls(
            environment=env["POWER_ENVIRONMENT"],
            namespace=env["POWER_NAMESPACE"],
            table=env["POWER_TABLE"],
            cluster=env["POWER_CLUSTER"],
            listener=env["POWER_LISTENER"],
            sleep_group=env["POWER_SLEEP_GROUP"],
            slots={name: SlotNames(**parts) for name, parts in slots.items()},
            policy=Policy(**json.loads(env["POWER_POLICY"])),
            keys_secret=env["POWER_KEYS_SECRET"],
            service_key_secret=env["POWER_SERVICE_KEY_SECRET"],
            keys_minutes=float(env.get("POWER_KEYS_MINUTES", "5")),
            controller=env.get("POWER_CONTROLLER", ""),
            reach=env.get("POWER_REACH", ""),
            cors_origins=tuple(filter(None, env.get("POWER_CORS_ORIGINS", "").split(","))),
            results_bucket=env.get("POWER_RESULTS_BUCKET", ""),
            results_url_minutes=int(env.get("POWER_RESULTS_URL_MINUTES", "720")),
            most_lease_hours=float(env.get("POWER_MOST_LEASE_HOURS", "12")),
            quiet=tuple(
                QuietWindow(tuple(days), begin, end)
                for days, begin, end in json.loads(env.get("POWER_QUIET", "[]"))
            ),
            zone=zone_from(zone) if zone else UTC,
        )
