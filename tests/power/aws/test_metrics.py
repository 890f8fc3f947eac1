"""What the servers reported, as CloudWatch gives it back."""

from __future__ import annotations

from datetime import UTC, datetime

import boto3
import pytest

from power.aws.metrics import server_metrics
from power.model import ServerFacts

NOW = datetime.now(UTC).replace(second=0, microsecond=0).timestamp()


def report(server: str, minutes_ago: float, slot: str = "blue", **values: float) -> None:
    boto3.client("cloudwatch").put_metric_data(
        Namespace="GpuVoice/test",
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": [
                    {"Name": "Slot", "Value": slot},
                    {"Name": "Server", "Value": server},
                ],
                "Timestamp": datetime.fromtimestamp(NOW - minutes_ago * 60, UTC),
                "Value": value,
            }
            for name, value in values.items()
        ],
    )


@pytest.mark.usefixtures("aws")
def test_each_server_has_its_own_last_request() -> None:
    report("tts", 2, SecondsSinceLastRequest=300, InFlight=0, QueueDepth=0)
    report("whisperx", 3, SecondsSinceLastRequest=60, InFlight=2, QueueDepth=5)
    found = server_metrics("GpuVoice/test", "blue", NOW, 15)
    assert found["tts"] == ServerFacts(NOW - 60, NOW - 120 - 300, 0, 0)
    assert found["whisperx"] == ServerFacts(NOW - 120, NOW - 180 - 60, 2, 5)


@pytest.mark.usefixtures("aws")
def test_the_newest_line_says_what_is_under_way_and_all_lines_when_the_last_request_was() -> None:
    report("tts", 5, SecondsSinceLastRequest=0, InFlight=3, QueueDepth=0)
    report("tts", 2, SecondsSinceLastRequest=170, InFlight=0, QueueDepth=0)
    found = server_metrics("GpuVoice/test", "blue", NOW, 15)["tts"]
    assert found.in_flight == 0
    assert found.newest_at == NOW - 60
    assert found.last_request_at == NOW - 120 - 170


@pytest.mark.usefixtures("aws")
def test_a_server_that_nobody_heard_has_no_facts() -> None:
    report("tts", 2, SecondsSinceLastRequest=10)
    report("whisperx", 2, slot="green", SecondsSinceLastRequest=10)
    report("whisperx", 40, SecondsSinceLastRequest=10)
    assert server_metrics("GpuVoice/test", "blue", NOW, 15)["whisperx"] == ServerFacts()
