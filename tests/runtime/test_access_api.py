"""Who may call what: keys, public answers, the internal paths, and pages of other origins."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import pytest
from flask.testing import FlaskClient

from tests.runtime.conftest import MakeApp
from voicehost.keys import new_key

CLEAR, DIGEST = new_key()
SERVICE, SERVICE_DIGEST = new_key()
KEYS = f"alice={DIGEST},power={SERVICE_DIGEST}:service"
INTERNAL = {"X-Voice-Internal": "1"}
ELSEWHERE = {"REMOTE_ADDR": "10.0.0.7"}


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"key:{password}".encode()).decode()


@pytest.fixture
def locked(clock_app: MakeApp) -> FlaskClient:
    return clock_app(keys=KEYS).test_client()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-API-Key": CLEAR}, 200),
        ({"Authorization": f"Bearer {CLEAR}"}, 200),
        ({"Authorization": basic(CLEAR)}, 200),
        ({}, 401),
        ({"X-API-Key": ""}, 401),
        ({"X-API-Key": CLEAR[:-1]}, 401),
        ({"X-API-Key": DIGEST}, 401),
        ({"X-API-Key": "ключ"}, 401),
        ({"Authorization": "Bearer"}, 401),
        ({"Authorization": "Basic !!!"}, 401),
        ({"Authorization": "Basic \xff\xfe"}, 401),
        ({"Authorization": "Bearer \xff\xfe"}, 401),
        ({"Authorization": "Basic"}, 401),
        ({"Authorization": basic("wrong")}, 401),
        ({"Authorization": f"Token {CLEAR}"}, 401),
    ],
)
def test_a_key_opens_in_each_of_its_three_places(
    locked: FlaskClient, headers: Mapping[str, str], status: int
) -> None:
    answer = locked.post("/generate", json={"text": "Hi."}, headers=headers)
    assert answer.status_code == status
    if status == 401:
        assert "X-API-Key" in answer.get_json()["error"]
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_without_a_key_only_the_public_paths_answer(locked: FlaskClient) -> None:
    for path in ("/health", "/ready", "/live", "/openapi.json", "/docs", "/tts/health"):
        assert locked.get(path).status_code == 200, path
    for path in ("/generate", "/generate_batch", "/nothing", "/static/x", "/internal/nothing"):
        assert locked.post(path, json={}).status_code == 401, path
    assert locked.get("/generate").status_code == 401


def test_every_route_needs_a_key_but_the_public_ones(locked: FlaskClient) -> None:
    public = {"/health", "/ready", "/live", "/openapi.json", "/docs", "/"}
    for rule in locked.application.url_map.iter_rules():
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        answer = locked.open(rule.rule, method=method, environ_base=ELSEWHERE)
        assert (answer.status_code in (401, 403)) is (rule.rule not in public), rule.rule


def test_a_preflight_needs_no_key(locked: FlaskClient) -> None:
    answer = locked.options(
        "/generate",
        headers={
            "Origin": "http://localhost:3000",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-api-key",
        },
    )
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    assert "content-type" in allowed
    assert "x-api-key" in allowed


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:3000", True),
        ("https://localhost", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:5173", True),
        ("http://app.localhost:1", True),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("https://studio.example.com", False),
        ("null", False),
        ("file://", False),
    ],
)
def test_without_a_setting_pages_of_this_machine_alone_may_call(
    clock_app: MakeApp, origin: str, allowed: bool
) -> None:
    answer = clock_app().test_client().get("/health", headers={"Origin": origin})
    assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed


@pytest.mark.parametrize("path", ["/health", "/generate", "/nothing"])
def test_errors_carry_the_headers_of_an_allowed_origin_too(clock_app: MakeApp, path: str) -> None:
    client = clock_app(cors_origins=("https://studio.example.com",)).test_client()
    for method in ("GET", "POST", "PUT"):
        headers = {"Origin": "https://studio.example.com"}
        answer = client.open(path, method=method, data="{", headers=headers)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://studio.example.com"
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
    for other in (
        "http://localhost:3000",
        "https://studioxexample.com",
        "http://studio.example.com",
    ):
        answer = client.get("/health", headers={"Origin": other})
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_without_keys_a_foreign_host_name_is_refused(clock_app: MakeApp) -> None:
    client = clock_app().test_client()
    for name, status in (("localhost:5000", 200), ("127.0.0.1", 200), ("[::1]:5000", 200),
                         ("evil.example", 403), ("evil.example:5000", 403)):  # fmt: skip
        answer = client.post("/generate", json={"text": "Hi."}, headers={"Host": name})
        assert answer.status_code == status, name


@pytest.mark.parametrize(
    ("headers", "address", "status"),
    [
        (INTERNAL, {}, 200),
        ({}, {}, 403),
        ({"X-Voice-Internal": "yes"}, {}, 403),
        ({**INTERNAL, "X-Forwarded-For": "10.0.0.7"}, {}, 401),
        ({**INTERNAL, "Forwarded": "for=10.0.0.7"}, {}, 401),
        (INTERNAL, ELSEWHERE, 401),
        ({**INTERNAL, "X-API-Key": CLEAR}, ELSEWHERE, 401),
        ({**INTERNAL, "X-API-Key": SERVICE}, ELSEWHERE, 200),
        ({"X-API-Key": SERVICE}, ELSEWHERE, 403),
    ],
)
def test_internal_paths_want_their_header_and_loopback_or_a_service_key(
    locked: FlaskClient, headers: Mapping[str, str], address: dict[str, str], status: int
) -> None:
    answer = locked.get("/internal/activity", headers=headers, environ_base=address)
    assert answer.status_code == status


def test_a_page_that_poses_as_localhost_cannot_drain(locked: FlaskClient) -> None:
    headers = {**INTERNAL, "Host": "evil.example"}
    answer = locked.post("/internal/drain", json={"seconds": 60}, headers=headers)
    assert answer.status_code == 403
    assert locked.get("/internal/activity", headers=INTERNAL).get_json()["draining_seconds"] == 0


def test_a_page_may_not_send_the_internal_header(locked: FlaskClient) -> None:
    answer = locked.options(
        "/internal/drain",
        headers={
            "Origin": "http://localhost:3000",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-voice-internal",
        },
    )
    assert "x-voice-internal" not in answer.headers.get("Access-Control-Allow-Headers", "").lower()
