"""What AWS has counted since the first of the month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from gpuvoice.aws.account import Account

# Every resource of the stacks has these tags; an account counts by them once they are activated as
# cost allocation tags.
PROJECT = "gpu-voice"
CALL_USD = 0.01


@dataclass(frozen=True)
class Month:
    """US dollars by service since the first, largest first; `calls` of Cost Explorer were made."""

    began: date
    until: date
    by_service: tuple[tuple[str, float], ...]
    calls: int

    @property
    def together_usd(self) -> float:
        return sum(usd for _, usd in self.by_service)


def month_to_date(account: Account, environment: str, today: date) -> Month:
    """Without taxes and credits of the whole account, which have no tags. Raises AwsFailed."""
    began, until = today.replace(day=1), today + timedelta(days=1)
    costs: dict[str, float] = {}
    calls, token = 0, None
    while calls == 0 or (token and calls < 5):
        answer = account.ask(
            "ce",
            "get_cost_and_usage",
            TimePeriod={"Start": began.isoformat(), "End": until.isoformat()},
            Granularity="MONTHLY",
            Metrics=["UnblendedCost"],
            GroupBy=[{"Type": "DIMENSION", "Key": "SERVICE"}],
            Filter={"And": [_tag("project", PROJECT), _tag("environment", environment)]},
            **({"NextPageToken": token} if token else {}),
        )
        calls, token = calls + 1, answer.get("NextPageToken")
        for result in answer.get("ResultsByTime", []):
            for group in result.get("Groups", []):
                usd = float(group["Metrics"]["UnblendedCost"]["Amount"])
                costs[group["Keys"][0]] = costs.get(group["Keys"][0], 0.0) + usd
    largest = sorted(costs.items(), key=lambda each: -each[1])
    return Month(began, until, tuple(largest), calls)


def _tag(key: str, value: str) -> dict[str, object]:
    return {"Tags": {"Key": key, "Values": [value], "MatchOptions": ["EQUALS"]}}
