"""Metric lines have the form that CloudWatch extracts metrics from."""

from __future__ import annotations

import io
import json
import threading
from typing import Any

from voicehost.telemetry.metrics import MOST_VALUES, Metrics


def lines(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_a_line_declares_each_metric_it_carries() -> None:
    out = io.StringIO()
    metrics = Metrics("tts", out=out)
    metrics.gauge("InFlight", lambda: 3, "Count")
    metrics.add("GenerationSeconds", 0.5, "Seconds")
    metrics.add("GenerationSeconds", 1.5, "Seconds")
    metrics.write()
    (line,) = lines(out)
    directive = line["_aws"]["CloudWatchMetrics"][0]
    declared = {metric["Name"]: metric["Unit"] for metric in directive["Metrics"]}
    assert declared == {"GenerationSeconds": "Seconds", "InFlight": "Count"}
    assert directive["Dimensions"] == [["Server"]]
    assert (line["Server"], line["InFlight"], line["GenerationSeconds"]) == ("tts", 3, [0.5, 1.5])
    assert isinstance(line["_aws"]["Timestamp"], int)


def test_a_server_that_knows_its_slot_has_it_as_a_dimension() -> None:
    out = io.StringIO()
    metrics = Metrics("tts", namespace="GpuVoice/dev", slot="green", out=out)
    metrics.add("Requests", 1, "Count")
    metrics.write()
    (line,) = lines(out)
    directive = line["_aws"]["CloudWatchMetrics"][0]
    assert (directive["Namespace"], directive["Dimensions"]) == (
        "GpuVoice/dev",
        [["Slot", "Server"]],
    )
    assert (line["Slot"], line["Server"]) == ("green", "tts")


def test_values_are_reported_once_and_gauges_each_time() -> None:
    out = io.StringIO()
    metrics = Metrics("tts", out=out)
    metrics.gauge("QueueDepth", lambda: 0, "Count")
    metrics.add("Requests", 1, "Count")
    metrics.write()
    metrics.write()
    first, second = lines(out)
    assert "Requests" in first
    assert "Requests" not in second
    assert second["QueueDepth"] == 0


def test_no_line_exceeds_its_number_of_values_and_none_is_lost_between_threads() -> None:
    out = io.StringIO()
    metrics = Metrics("tts", out=out)

    def add() -> None:
        for _ in range(1000):
            metrics.add("Requests", 1, "Count")

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    metrics.write()
    counts = [len(line.get("Requests", [])) for line in lines(out)]
    assert max(counts) <= MOST_VALUES
    assert sum(counts) == 8000
    assert max(len(line) for line in out.getvalue().splitlines()) < 4096


def test_a_line_that_cannot_be_written_ends_nothing() -> None:
    out = io.StringIO()
    out.close()
    metrics = Metrics("tts", out=out)
    for _ in range(MOST_VALUES + 1):
        metrics.add("Requests", 1, "Count")
    metrics.write()


def test_one_line_each_and_nothing_else() -> None:
    out = io.StringIO()
    metrics = Metrics("whisperx", out=out)
    metrics.add("Requests", 1, "Count")
    metrics.write()
    assert out.getvalue().count("\n") == 1
