"""Events as a load balancer may hand them over, and stranger ones: always an answer it can take."""

from __future__ import annotations

import base64
import json
import re
from http import HTTPStatus
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from power import front
from power.alb import request_of
from tests.power.house import ALICE, House

MOST_BYTES = 1024 * 1024
TOKEN = re.compile(r"[A-Za-z0-9-]+")


def event(**given: Any) -> dict[str, Any]:
    return {"httpMethod": "POST", "path": "/power/start", "headers": {"x-api-key": ALICE},
            "body": "", "isBase64Encoded": False, **given}  # fmt: skip


def test_a_body_in_base64_is_read(house: House) -> None:
    headers = {"x-api-key": ALICE, "content-type": "application/json"}
    body = base64.b64encode(b'{"reason": "demo"}').decode()
    assert house.handle(event(headers=headers, body=body, isBase64Encoded=True)).status == 202
    assert house.store.read().wishes["live"].reason == "demo"
    broken = house.handle(event(headers=headers, body="!", isBase64Encoded=True))
    assert broken.status == 400


def test_names_of_headers_in_any_case_and_several_values_are_read() -> None:
    for headers in ({"X-Api-Key": "a"}, {"x-api-key": "a"}):
        assert request_of({"headers": headers}).headers == {"x-api-key": "a"}
    assert request_of({"multiValueHeaders": {"X-API-Key": ["a"]}}).headers == {"x-api-key": "a"}


def test_a_key_that_comes_twice_opens_nothing(house: House) -> None:
    for headers in (
        {"X-API-Key": ALICE, "x-api-key": "other"}, {"X-API-Key": "other", "x-api-key": ALICE},
    ):  # fmt: skip
        assert house.handle(event(headers=headers)).status == 401
    twice = {"headers": None, "multiValueHeaders": {"x-api-key": [ALICE, ALICE]}}
    assert house.handle(event(**twice)).status == 401


@pytest.mark.parametrize(
    "path", ["/power/%73tart", "/power/start", "/power//start/", "/power/start/"]
)
def test_a_path_is_decoded_once(house: House, path: str) -> None:
    assert house.handle(event(path=path)).status == 202


@pytest.mark.parametrize("path", ["/power/%", "/power/%zz", "/power/%ff", "/power/%2573tart", "%"])
def test_a_path_that_cannot_be_decoded_is_none(house: House, path: str) -> None:
    assert house.handle(event(path=path)).status == 404


def test_a_function_without_its_settings_still_answers(
    account: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POWER_SLOTS", raising=False)
    answer = front.handler(event(), None)
    assert answer["statusCode"] == 500
    assert json.loads(answer["body"])["success"] is False
    assert "POWER_SLOTS" not in answer["body"]


TEXT = st.text(max_size=40)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def mostly(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Nine times of ten the usual."""
    return st.integers(0, 9).flatmap(lambda drawn: odd if drawn == 0 else usual)


PATHS = mostly(st.sampled_from(
    ["/tts/generate", "/tts/health", "/tts/v1/models", "/whisperx/results/sign", "/power",
     "/power/status", "/power/start", "/power/stop", "/power/lease", "/power/lease/abc",
     "/tts/%00", "//", ""]
), TEXT | JUNK)  # fmt: skip
METHODS = mostly(st.sampled_from(["GET", "POST", "POST", "DELETE", "OPTIONS", "HEAD"]), TEXT | JUNK)
NAMES = mostly(st.sampled_from(
    ["x-api-key", "authorization", "origin", "content-type", "x-request-id", "x-voice-slot",
     "access-control-request-method", "access-control-request-headers", "content-encoding"]
), TEXT)  # fmt: skip
VALUES = st.sampled_from(
    [ALICE, f"Bearer {ALICE}", "application/json", "http://localhost:1", "idle", "a\r\nb"]
) | TEXT | JUNK  # fmt: skip
HEADERS = st.dictionaries(NAMES, VALUES, max_size=3).map(
    lambda drawn: {"x-api-key": ALICE, "content-type": "application/json", **drawn}
)
FIELDS = st.dictionaries(
    st.sampled_from(["slot", "force", "reason", "hours", "minutes", "override_budget", "ids"]),
    mostly(st.sampled_from(["live", True, 1, 1e308, "x"]), JUNK),
    max_size=3,
)
BODIES = mostly(st.just("") | FIELDS.map(json.dumps), TEXT | JUNK)
EVENTS = mostly(st.fixed_dictionaries(
    {"httpMethod": METHODS, "path": PATHS, "headers": HEADERS, "body": BODIES},
    optional={"isBase64Encoded": mostly(st.just(False), st.booleans() | JUNK)},
), JUNK)  # fmt: skip


def test_any_event_is_answered_as_the_load_balancer_can_take_it(house: House) -> None:
    house.open(cors_origins=("*",), results_bucket="nowhere")
    statuses = set()

    @settings(max_examples=500, deadline=None, derandomize=True, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(EVENTS)
    def answered(made: object) -> None:
        house.clock.now += 1
        reply = house.handle(made)
        statuses.add(reply.status)
        assert reply.status != 500, reply
        assert HTTPStatus(reply.status)
        assert len(json.dumps([reply.headers, reply.text])) < MOST_BYTES
        for name, value in reply.headers.items():
            assert TOKEN.fullmatch(name)
            assert value.isascii()
            assert "\n" not in value
            assert "\r" not in value
        if reply.text:
            assert reply.body["success"] in (True, False)
            assert reply.status < 400 or reply.body["error"]

    answered()
    assert statuses >= {200, 202, 204, 400, 401, 404, 405, 503}
