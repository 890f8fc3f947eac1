"""Tables and metrics in the emulated cloud, as AWS documents them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.emulator.emulator import Emulator
from tests.emulator.stack import Stack

pytest_plugins = ["tests.emulator.fixture"]


def table(**properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
            **properties,
        },
    }


def test_a_table_keeps_its_expiry_and_its_backups_and_its_items(
    cloud: Emulator, stack: Stack
) -> None:
    dynamodb = cloud.client("dynamodb")
    expiry = {"AttributeName": "expires", "Enabled": True}
    backups = {"PointInTimeRecoveryEnabled": True}
    full = table(TimeToLiveSpecification=expiry, PointInTimeRecoverySpecification=backups)
    name = stack.put({"State": full}, Name={"Ref": "State"})["Name"]

    def described() -> tuple[str, str]:
        ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        kept = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        recovery = kept["PointInTimeRecoveryDescription"]
        return ttl["TimeToLiveStatus"], recovery["PointInTimeRecoveryStatus"]

    assert described() == ("ENABLED", "ENABLED")
    found = dynamodb.describe_table(TableName=name)["Table"]
    assert found["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert found["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    dynamodb.put_item(TableName=name, Item={"id": {"S": "lock"}})

    stack.put({"State": table()})
    assert described() == ("DISABLED", "DISABLED")
    assert dynamodb.get_item(TableName=name, Key={"id": {"S": "lock"}})["Item"]

    stack.delete()
    assert name not in dynamodb.list_tables()["TableNames"]


def test_a_metric_is_read_by_its_dimensions_with_the_newest_first(cloud: Emulator) -> None:
    cloudwatch = cloud.client("cloudwatch")
    now = datetime.now(UTC).replace(second=30, microsecond=0)
    for minutes, value in ((2, 7.0), (1, 8.0), (0, 9.0)):
        for slot, server, add in (("blue", "tts", 0), ("blue", "whisperx", 100), ("", "", 1000)):
            named = (("Slot", slot), ("Server", server))
            datum = {
                "MetricName": "Idle",
                "Value": value + add,
                "Timestamp": now - timedelta(minutes=minutes),
                "Dimensions": [{"Name": n, "Value": v} for n, v in named if v],
            }
            cloudwatch.put_metric_data(Namespace="Measures", MetricData=[datum])

    def query(number: int, stat: str, **dimensions: str) -> dict[str, Any]:
        metric = {
            "Namespace": "Measures",
            "MetricName": "Idle",
            "Dimensions": [{"Name": n, "Value": v} for n, v in dimensions.items()],
        }
        return {"Id": f"q{number}", "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}}

    asked = {
        "MetricDataQueries": [
            query(1, "Minimum", Slot="blue", Server="tts"),
            query(2, "Maximum", Server="whisperx", Slot="blue"),
            query(3, "Maximum"),
            query(4, "Maximum", Slot="green", Server="tts"),
        ],
        "StartTime": now - timedelta(minutes=10),
        "EndTime": now + timedelta(minutes=1),
    }
    found = {one["Id"]: one for one in cloudwatch.get_metric_data(**asked)["MetricDataResults"]}
    assert found["q1"]["Values"] == [9, 8, 7]
    assert found["q2"]["Values"] == [109, 108, 107]
    assert found["q3"]["Values"] == [1009, 1008, 1007]
    assert found["q4"]["Values"] == []
    newest, *_ = found["q1"]["Timestamps"]
    assert newest == now.replace(second=0)
    oldest_first = cloudwatch.get_metric_data(**asked, ScanBy="TimestampAscending")
    assert oldest_first["MetricDataResults"][0]["Values"] == [7, 8, 9]
