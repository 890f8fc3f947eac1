"""The month to date: by AWS's own count, and by the power controller's."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from click.testing import CliRunner, Result

from gpuvoice.aws.account import Account
from gpuvoice.aws.months import Month, month_to_date
from gpuvoice.cli.main import cli
from gpuvoice.config import ClientConfig
from gpuvoice.costs.counted import spent
from gpuvoice.errors import KeyRefused
from power.memory import InstanceHours, MonthHours, month_of
from power.policy import Policy
from tests.client.doctor.sleeping import URL, SleepingDoor
from tests.power.house import ALICE, HOUR, NOW, House
from tests.servers import free_ports

TODAY = date(2026, 11, 24)


def page(costs: dict[str, str], token: str | None = None) -> dict[str, Any]:
    groups = [
        {"Keys": [service], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}}
        for service, amount in costs.items()
    ]
    period = {"Start": "2026-11-01", "End": "2026-11-25"}
    more = {"NextPageToken": token} if token else {}
    return {"ResultsByTime": [{"TimePeriod": period, "Groups": groups}], **more}


def asked(token: str | None = None) -> dict[str, Any]:
    """Exactly what Cost Explorer must be asked."""
    return {
        "TimePeriod": {"Start": "2026-11-01", "End": "2026-11-25"},
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
        "Filter": {
            "And": [
                {"Tags": {"Key": "project", "Values": ["gpu-voice"], "MatchOptions": ["EQUALS"]}},
                {"Tags": {"Key": "environment", "Values": ["prod"], "MatchOptions": ["EQUALS"]}},
            ]
        },
        **({"NextPageToken": token} if token else {}),
    }


@pytest.fixture
def explorer(billed: None, monkeypatch: pytest.MonkeyPatch) -> Stubber:
    """Cost Explorer's client, whose answers a test puts in their order."""
    client = boto3.client("ce", region_name="us-east-1")
    stub = Stubber(client)
    stub.activate()
    monkeypatch.setattr(Account, "_client", lambda self, service: client)
    return stub


def test_the_month_is_counted_by_service_from_the_first_with_the_tags(explorer: Stubber) -> None:
    answer = page({"AWS Secrets Manager": "0.8", "Amazon Elastic Compute Cloud": "31.5"})
    explorer.add_response("get_cost_and_usage", answer, asked())
    found = month_to_date(Account("us-east-1"), "prod", TODAY)
    assert found == Month(
        date(2026, 11, 1), date(2026, 11, 25),
        (("Amazon Elastic Compute Cloud", 31.5), ("AWS Secrets Manager", 0.8)), 1,
    )  # fmt: skip
    assert found.together_usd == pytest.approx(32.3)


def test_further_pages_are_added_and_each_is_a_call(explorer: Stubber) -> None:
    explorer.add_response("get_cost_and_usage", page({"EC2": "1"}, token="more"), asked())
    explorer.add_response("get_cost_and_usage", page({"EC2": "2", "S3": "5"}), asked("more"))
    found = month_to_date(Account("us-east-1"), "prod", TODAY)
    assert (found.by_service, found.calls) == ((("S3", 5.0), ("EC2", 3.0)), 2)


def nowhere() -> list[str]:
    (port,) = free_ports(1)
    return ["--url", f"http://127.0.0.1:{port}"]


def cost(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["cost", *nowhere(), *arguments])


def test_the_command_shows_it_and_says_what_asking_costs(billed: None) -> None:
    done = cost("--month", "--env", "prod")  # the pretended account has counted nothing
    assert done.exit_code == 0
    assert "that costs $0.01" in done.stderr
    assert "Activate the cost allocation tags" in done.stderr
    assert "The power controller's own count is not known" in done.stderr
    assert "counted from 01" in done.stdout


def test_as_json_the_month_stands_beside_the_estimate(explorer: Stubber) -> None:
    explorer.add_response("get_cost_and_usage", page({"EC2": "12.5"}))
    told = json.loads(cost("--month", "--env", "prod", "--json").stdout)
    assert told["month"]["by_service"] == {"EC2": 12.5}
    assert told["month"]["together_usd"] == 12.5
    assert told["power"] is None
    assert told["estimate"]["with_allowances_usd"] == pytest.approx(79.17, abs=0.005)


def test_a_missing_right_is_named_and_the_estimate_is_there_all_the_same(
    explorer: Stubber,
) -> None:
    explorer.add_client_error("get_cost_and_usage", "AccessDeniedException")
    done = cost("--env", "prod")
    assert done.exit_code == 0
    assert "79.17" in done.stdout
    assert "no right to ce:GetCostAndUsage" in done.stderr
    explorer.add_client_error("get_cost_and_usage", "AccessDeniedException")
    assert cost("--env", "prod", "--month").exit_code == 1


def test_without_credentials_an_asked_month_fails_in_words(
    billed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    done = cost("--month")
    assert done.exit_code == 1
    assert "There are no AWS credentials here" in done.stderr


def test_without_the_packages_an_asked_month_names_the_extra(
    billed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    done = cost("--month")
    assert (done.exit_code, "gpuvoice[aws]" in done.stderr) == (2, True)


def test_the_estimate_alone_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    done = cost()
    assert (done.exit_code, done.stderr) == (0, "")


def test_the_power_controller_tells_what_the_gpu_has_cost(house: House) -> None:
    house.open(policy=Policy(budget_usd=80))
    instance = InstanceHours(launched_at=NOW - 10 * HOUR, seen_at=NOW, price=0.5)
    house.store.put_hours(MonthHours(month_of(NOW), {"i-1": instance}))
    config = ClientConfig.resolve(url=URL, api_key=ALICE, environ={})
    found = spent(config, SleepingDoor(house))
    assert (found.usd, found.limit_usd) == (5.0, 80.0)


def test_a_wrong_key_there_is_an_error(house: House) -> None:
    config = ClientConfig.resolve(url=URL, api_key="gv_other", environ={})
    with pytest.raises(KeyRefused):
        spent(config, SleepingDoor(house))


def test_what_is_not_of_aws_is_not_taken_for_it(explorer: Stubber) -> None:
    explorer.add_client_error("get_cost_and_usage", "LimitExceededException")
    with pytest.raises(Exception, match="LimitExceededException") as raised:
        month_to_date(Account("us-east-1"), "prod", TODAY)
    assert isinstance(raised.value.__cause__, ClientError)
