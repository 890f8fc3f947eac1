"""What has been spent this month: by AWS's count, and by the power controller's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

import httpx

from gpuvoice.aws.account import Account
from gpuvoice.aws.months import Month, month_to_date
from gpuvoice.config import ClientConfig
from gpuvoice.http import Patience
from gpuvoice.power import Power

# Cost Explorer answers in one region, for all of them.
REGION = "us-east-1"


@dataclass(frozen=True)
class Spent:
    """Of the GPU's hours alone, since the first of the month (UTC). No limit is 0."""

    usd: float
    limit_usd: float


def counted(environment: str) -> Month:
    """By service, all of the environment's stacks. Raises MissingExtra or AwsFailed."""
    return month_to_date(Account(REGION), environment, datetime.now(timezone.utc).date())


def spent(config: ClientConfig, transport: httpx.BaseTransport | None = None) -> Spent:
    """By the power controller. Raises a GpuVoiceError where there is none, or no answer."""
    with Power(config, transport=transport, patience=Patience(0, 0)) as power:
        budget = power.status().data.get("budget") or {}
    return Spent(float(budget.get("spent_usd") or 0), float(budget.get("limit_usd") or 0))
