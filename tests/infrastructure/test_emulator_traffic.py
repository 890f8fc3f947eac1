"""The clients of the run count as an answer what a caller could use, and nothing else."""

from __future__ import annotations

import httpx
import pytest

from tests.emulator.balanced import Stand
from tests.emulator.emulator import Emulator
from tests.emulator.run.traffic import CLIENTS, Traffic, failure
from tests.patience import until

pytest_plugins = ["tests.emulator.fixture"]


def test_work_that_succeeded_is_no_failure() -> None:
    assert failure(httpx.Response(200, json={"success": True, "text": "Yes."})) == ""


@pytest.mark.parametrize("success", [False, None, "true", 1])
def test_status_200_is_not_enough_for_work(success: object) -> None:
    answer = httpx.Response(200, json={"success": success, "error": "The model is gone."})
    assert failure(answer).startswith("200 ")
    assert "The model is gone." in failure(answer)


def test_work_without_the_mark_of_success_failed() -> None:
    assert failure(httpx.Response(200, json={"text": "Yes."}))


@pytest.mark.parametrize("work", [True, False])
def test_another_status_is_a_failure_whatever_it_says(work: bool) -> None:
    assert failure(httpx.Response(503, json={"success": True}), work=work).startswith("503 ")


def test_health_needs_its_status_alone() -> None:
    assert failure(httpx.Response(200, json={"status": "ok"}), work=False) == ""


def test_each_client_is_counted_by_itself(cloud: Emulator, stand: Stand) -> None:
    with Traffic(cloud, stand.door.host, "key", "") as traffic:
        until(lambda: len(traffic.failures) > CLIENTS)
    # Behind this door nobody speaks, and only paths below /tts/ lead anywhere.
    assert set(traffic.answers) == set(range(CLIENTS))
    assert traffic.answers.total() == 0
    assert traffic.slots().total() == 0


def test_a_client_that_breaks_is_a_failure_and_goes_on(cloud: Emulator, stand: Stand) -> None:
    no_header = "k€y"
    with Traffic(cloud, stand.door.host, no_header, "") as traffic:
        broken = "UnicodeEncodeError"
        until(lambda: sum(each.startswith(broken) for each in traffic.failures) > CLIENTS)
