"""A GPU that sleeps is no failure, is not woken, and its key is tried all the same."""

from __future__ import annotations

import httpx
import pytest

from gpuvoice.config import ClientConfig
from gpuvoice.doctor.examine import examine
from gpuvoice.doctor.finding import Finding, failed
from power.model import SlotRecord
from tests.client.doctor.findings import by_check
from tests.client.doctor.sleeping import URL, SleepingDoor
from tests.power.house import ALICE, NOW, PAGE, House

ASLEEP = SlotRecord(since=NOW - 9999, live=True, main=True)


def found_of(house: House, door: SleepingDoor, key: str | None = ALICE) -> list[Finding]:
    house.store.put_record("blue", ASLEEP)
    config = ClientConfig.resolve(url=URL, api_key=key, environ={})
    return list(examine(config, origin=PAGE, transport=door))


def test_it_is_said_to_sleep_and_how_long_a_start_takes(house: House, door: SleepingDoor) -> None:
    found = found_of(house, door)
    assert not failed(found)
    told = by_check(found)
    for name in ("speech server", "recognition server"):
        assert told[name].status == "ok"
        assert told[name].found.startswith("asleep; a start usually takes 6 min.")
    assert told["pages (CORS), speech server"].status == "ok"
    assert told["versions"].status == "skipped"


def test_looking_wakes_nothing(house: House, door: SleepingDoor) -> None:
    found_of(house, door)
    assert house.woken == []
    assert not house.store.read().wishes
    sent = {path for path, key in door.keys.items() if key is not None}
    assert sent == {"/power/status"}


def test_a_key_inside_the_url_wakes_nothing_either(house: House, door: SleepingDoor) -> None:
    house.store.put_record("blue", ASLEEP)
    url = URL.replace("//", f"//key:{ALICE}@")
    found = list(examine(ClientConfig.resolve(url=url, environ={}), transport=door))
    assert not failed(found)
    assert house.woken == []
    assert by_check(found)["key, power switch"].found == "the key is taken"
    assert ALICE not in repr(found)


def test_without_its_power_switch_a_sleeping_gpu_is_not_woken_by_trying_the_key() -> None:
    posted: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            posted.append(request.url.path)
        status = 404 if request.url.path == "/power/status" else 503
        return httpx.Response(status, json={"state": "asleep"} if status == 503 else {})

    config = ClientConfig.resolve(url=URL, api_key=ALICE, environ={})
    told = by_check(examine(config, transport=httpx.MockTransport(answer)))
    assert told["key, speech server"].status == "skipped"
    assert posted == []


def test_its_key_is_tried_at_the_power_switch(house: House, door: SleepingDoor) -> None:
    assert by_check(found_of(house, door))["key, power switch"].found == "the key is taken"


@pytest.mark.parametrize("key", ["gv_other", None])
def test_a_wrong_key_and_none_fail_there(house: House, door: SleepingDoor, key: str | None) -> None:
    found = by_check(found_of(house, door, key))["key, power switch"]
    assert found.status == "fail"
    assert found.mend


def test_a_start_that_failed_is_a_warning(house: House, door: SleepingDoor) -> None:
    house.store.put_record(
        "blue",
        SlotRecord(since=NOW - 60, live=True, main=True, failures=1, retry_at=NOW + 600),
    )
    config = ClientConfig.resolve(url=URL, api_key=ALICE, environ={})
    told = by_check(examine(config, transport=door))["speech server"]
    assert told.status == "warn"
    assert "its last start failed" in told.found
    assert "gpuvoice up --force" in told.mend
