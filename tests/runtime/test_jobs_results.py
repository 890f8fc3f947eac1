"""The results of a job: lines in order, as they come, and an end that can be told from a cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openapi_schema_validator import OAS31Validator

from tests.patience import until
from tests.runtime.held_voice import HeldVoice
from tests.runtime.job_servers import TEXTS, begun, ended, lines, look, serving
from voicehost.app import host
from voicehost.ending import ending


@pytest.fixture
def voice() -> HeldVoice:
    return HeldVoice(rows=8, held=True)


@pytest.fixture
def app(tmp_path: Path, voice: HeldVoice) -> Iterator[Flask]:
    with serving(tmp_path, voice, heartbeat_seconds=0.2) as made:
        yield made


def stream(app: Flask, path: str, query: str = "") -> Iterator[bytes]:
    """The parts of the answer as the server makes them."""
    response = app.test_client().get(f"{path}/results{query}", buffered=False)
    assert response.status_code == 200
    return iter(response.response)  # type: ignore[arg-type]


def next_line(parts: Iterator[bytes]) -> Any:
    return json.loads(next(part for part in parts if part.strip()))


def test_a_line_comes_as_soon_as_it_and_all_before_it_are_there(
    app: Flask, voice: HeldVoice
) -> None:
    path = begun(app.test_client())
    parts = stream(app, path)
    voice.allow(TEXTS[2])
    until(lambda: look(app.test_client(), path)["done"] == 1)
    assert next(parts) == b"\n"
    voice.allow(TEXTS[0])
    assert next_line(parts)["index"] == 0
    voice.allow(TEXTS[1])
    assert [next_line(parts)["index"] for _ in range(2)] == [1, 2]
    voice.allow()
    assert [next_line(parts).get("index") for _ in range(3)] == [3, 4, None]
    assert list(parts) == []


def test_empty_lines_keep_the_connection_open(app: Flask, voice: HeldVoice) -> None:
    path = begun(app.test_client())
    parts = stream(app, path)
    assert [next(parts) for _ in range(3)] == [b"\n"] * 3
    voice.allow()
    assert next_line(parts)["index"] == 0


def test_the_last_line_tells_how_the_job_ended(app: Flask, voice: HeldVoice) -> None:
    voice.allow()
    path = begun(app.test_client())
    last = lines(app.test_client(), path)[-1]
    assert last["next"] == last["job"]["count"] == last["job"]["done"] == 5
    assert last["job"]["status"] == "done"
    assert last["job"]["ended_at"] is not None
    assert "items" not in last["job"]


def test_reading_goes_on_from_any_line(app: Flask, voice: HeldVoice) -> None:
    voice.allow()
    client = app.test_client()
    path = begun(client)
    ended(client, path)
    assert [line.get("index") for line in lines(client, path, "?from=3")] == [3, 4, None]
    assert [line.get("index") for line in lines(client, path, "?from=5")] == [None]
    assert [line.get("index") for line in lines(client, path, "?from=999999")] == [None]


def test_without_following_only_what_is_there_comes(app: Flask, voice: HeldVoice) -> None:
    client = app.test_client()
    path = begun(client)
    voice.allow(TEXTS[0], TEXTS[1], TEXTS[3])
    until(lambda: look(client, path)["done"] == 3)
    found = lines(client, path, "?follow=false")
    assert [line.get("index") for line in found] == [0, 1, None]
    assert (found[-1]["next"], found[-1]["job"]["status"]) == (2, "running")


@pytest.mark.parametrize("query", ["?from=-1", "?from=x", "?from=", "?from=1e3", "?follow=maybe"])
def test_a_wrong_question_is_explained(app: Flask, query: str) -> None:
    path = begun(app.test_client())
    response = app.test_client().get(f"{path}/results{query}")
    assert response.status_code == 400
    assert response.get_json()["error"].split(":")[0] in query


def test_a_job_that_is_deleted_meanwhile_ends_its_lines_with_an_error(
    app: Flask, voice: HeldVoice
) -> None:
    path = begun(app.test_client())
    parts = stream(app, path)
    voice.allow(TEXTS[0])
    assert next_line(parts)["index"] == 0
    app.test_client().delete(path)
    last = next_line(parts)
    assert (last["status"], last["next"]) == (404, 1)
    assert "job" not in last
    assert list(parts) == []


def test_lines_end_when_the_server_is_stopped(app: Flask, voice: HeldVoice) -> None:
    path = begun(app.test_client())
    parts = stream(app, path)
    voice.allow(TEXTS[0])
    assert next_line(parts)["index"] == 0
    ending.set()
    try:
        last = next_line(parts)
    finally:
        ending.clear()
    assert (last["status"], last["next"]) == (503, 1)
    assert list(parts) == []


def test_a_reader_who_goes_gives_back_the_place(tmp_path: Path) -> None:
    voice = HeldVoice(held=True)
    with serving(tmp_path, voice, heartbeat_seconds=0.1, requests_at_once=1) as app:
        client = app.test_client()
        path = begun(client)
        response = client.get(f"{path}/results", buffered=False)
        assert next(iter(response.response)) == b"\n"
        assert client.get(path).status_code == 503
        response.close()
        assert client.get(path).status_code == 200
        assert host(app).activity.now().in_flight == 1


def test_those_who_follow_leave_places_for_all_other_calls(tmp_path: Path) -> None:
    voice = HeldVoice(held=True)
    with serving(tmp_path, voice, heartbeat_seconds=0.1, requests_at_once=8) as app:
        client = app.test_client()
        path = begun(client)
        followers = [stream(app, path) for _ in range(2)]
        assert [next(parts) for parts in followers] == [b"\n"] * 2
        for _ in range(8):
            (only,) = lines(client, path)
            assert (only["next"], only["job"]["ended_at"]) == (0, None)
        assert client.post(f"{path}/cancel").status_code == 200
        assert [next_line(parts)["status"] for parts in followers] == [409] * 2


def test_a_stream_ends_after_a_while_and_says_where_to_go_on(
    app: Flask, voice: HeldVoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voicehost.jobs.stream.FOLLOWED_SECONDS", 0.5)
    voice.allow(TEXTS[0])
    path = begun(app.test_client())
    until(lambda: look(app.test_client(), path)["done"] == 1)
    found = lines(app.test_client(), path)
    assert [line.get("index") for line in found] == [0, None]
    assert (found[-1]["next"], found[-1]["job"]["status"]) == (1, "running")


def test_each_line_is_of_exactly_one_kind(app: Flask, voice: HeldVoice) -> None:
    voice.broken[TEXTS[1]] = 2
    voice.allow()
    path = begun(app.test_client())
    found = lines(app.test_client(), path)
    document = app.test_client().get("/openapi.json").get_json()
    check = OAS31Validator(
        {"$ref": "#/components/schemas/ResultLine", "components": document["components"]}
    )
    for line in (*found, {"error": "Stopped.", "status": 503, "next": 1}):
        check.validate(line)
    for wrong in ({"job": found[-1]["job"]}, {"index": 1, "error": "x"} | {"next": 2, "index": -1}):
        assert not check.is_valid(wrong)


def test_many_read_one_job_and_all_get_the_same(app: Flask, voice: HeldVoice) -> None:
    path = begun(app.test_client())
    readers = [stream(app, path) for _ in range(4)]
    voice.allow()
    found = [b"".join(part for part in parts if part.strip()) for parts in readers]
    assert len(set(found)) == 1
    assert found[0].count(b"\n") == 6


def test_a_job_that_another_server_works_on_is_followed_too(tmp_path: Path) -> None:
    voice = HeldVoice(held=True)
    with (
        serving(tmp_path, voice, slot="blue") as blue,
        serving(tmp_path, slot="green", heartbeat_seconds=0.2) as green,
    ):
        path = begun(blue.test_client())
        parts = stream(green, path)
        assert next(parts) == b"\n"
        voice.allow()
        assert [next_line(parts).get("index") for _ in range(6)] == [0, 1, 2, 3, 4, None]
