"""Templates with settings that no environment here has: they are checked like the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.infrastructure.stacks_under_test import stacks

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/abc"
EXISTING = {
    "vpc_id": "vpc-0123456789abcdef0",
    "zones": ["us-east-1a", "us-east-1b"],
    "public_subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
}
ELSEWHERE = {"name": "gpu.corp.test", "zone_name": None, "zone_id": None}
VARIANTS: dict[str, dict[str, Any]] = {
    "nat": {"network": {"egress": "nat"}},
    "endpoints": {"network": {"egress": "endpoints"}},
    "existing-vpc": {"network": {"existing": EXISTING}},
    "spot": {"capacity": {"purchase": "spot", "instance_types": ["g4dn.xlarge", "g6.xlarge"]}},
    "several-types": {"capacity": {"instance_types": ["g6.xlarge", "g4dn.xlarge"]}},
    "warm-pool": {"capacity": {"warm_pool": True}},
    "internal": {
        "network": {"egress": "nat"},
        "front_door": {"internal": True, "certificate_arn": CERTIFICATE, "domain": ELSEWHERE},
    },
    "everything-on": {
        "network": {"flow_logs_days": 14},
        "capacity": {"ami_id": "ami-0123456789abcdef0"},
        "front_door": {"waf_requests_per_5_minutes": 500, "access_logs_days": 9},
        "alarms": {"email": "ops@emulator.test"},
        "image": {"build": True},
    },
    "schedule-and-budget": {
        "capacity": {"purchase": "spot", "price_per_hour": 0.205},
        "power": {
            "budget_usd": 100,
            "spot_fallback_minutes": 10,
            "schedule": {
                "time_zone": "America/New_York",
                "start": ["MON-FRI 08:00", "SAT 10:30"],
                "stop": ["MON-FRI 19:00"],
                "quiet": ["MON-SUN 22:00-06:00"],
            },
        },
    },
}


def write(folder: Path) -> None:
    """Synthesize each variant, with the packs that every synth runs, into `folder`/with-NAME."""
    for name, changes in VARIANTS.items():
        made = stacks(changes)
        target = folder / f"with-{name}"
        target.mkdir(parents=True, exist_ok=True)
        for part in ("network", "service", "power", "operations"):
            template = getattr(made, part)
            if template["Resources"]:
                file = target / f"{part}.template.json"
                file.write_text(json.dumps(template, indent=1), encoding="utf-8")
