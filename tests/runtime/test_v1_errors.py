"""Under `/v1` errors have OpenAI's shape; elsewhere they have the contract's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.runtime.conftest import MakeApp
from voicehost.app import host
from voicehost.errors import (
    DeadlinePassed,
    EngineFault,
    KeyBusy,
    NotReady,
    RequestError,
    UnknownModel,
    VoiceError,
)
from voicehost.keys import new_key
from voicehost.v1.errors import speaks_openai

CLEAR, DIGEST = new_key()
WORK = "/v1/audio/transcriptions"


@pytest.fixture
def locked(clock_app: MakeApp) -> FlaskClient:
    return clock_app("whisperx", keys=f"alice={DIGEST}").test_client()


@pytest.fixture
def opened(clock_app: MakeApp) -> FlaskClient:
    return clock_app("whisperx").test_client()


def error_of(client: FlaskClient, method: str, path: str, **more: Any) -> dict[str, Any]:
    body: dict[str, Any] = client.open(path, method=method, **more).get_json()
    assert body["success"] is False
    assert set(body) == {"error", "success"}
    error: dict[str, Any] = body["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


@pytest.mark.parametrize("path", [WORK, "/v1/models", "/v1/nothing", "/v1", "/whisperx/v1/nothing"])
def test_without_a_key_openais_clients_read_why(locked: FlaskClient, path: str) -> None:
    error = error_of(locked, "POST", path)
    assert error == {
        "message": error["message"],
        "type": "invalid_request_error",
        "param": None,
        "code": "invalid_api_key",
    }
    assert "Authorization: Bearer" in error["message"]
    assert locked.post(path).headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/transcribe", "/nothing", "/v1x", "/whisperx/transcribe"])
def test_elsewhere_the_error_is_a_sentence(locked: FlaskClient, path: str) -> None:
    body = locked.post(path).get_json()
    assert body == {"success": False, "error": body["error"]}
    assert "X-API-Key" in body["error"]


def test_a_path_that_is_not_there_has_its_status(opened: FlaskClient) -> None:
    assert opened.get("/v1/nothing").status_code == 404
    error = error_of(opened, "GET", "/v1/nothing")
    assert (error["type"], error["code"]) == ("invalid_request_error", None)
    assert opened.get("/nothing").get_json()["error"].startswith("There is no such path")


def test_a_wrong_method_says_which_is_right(opened: FlaskClient) -> None:
    assert opened.get(WORK).status_code == 405
    assert opened.get(WORK).headers["Allow"] == "OPTIONS, POST"
    assert "use POST" in error_of(opened, "GET", "/whisperx" + WORK)["message"]


def test_a_caller_from_elsewhere_without_keys_is_refused(opened: FlaskClient) -> None:
    error = error_of(opened, "POST", WORK, headers={"Host": "example.com"})
    assert (error["type"], error["code"]) == ("invalid_request_error", None)
    assert "localhost" in error["message"]


@pytest.mark.parametrize(
    ("raised", "status", "shape"),
    [
        (RequestError("input: is empty."), 400, ("invalid_request_error", "input", None)),
        (RequestError("texts[3]: is empty."), 400, ("invalid_request_error", "texts", None)),
        (RequestError("It is: wrong."), 400, ("invalid_request_error", None, None)),
        (UnknownModel("model: no."), 404, ("invalid_request_error", "model", "model_not_found")),
        (KeyBusy("Wait.", retry_after=2.5), 429, ("requests", None, "rate_limit_exceeded")),
        (NotReady("Loading.", retry_after=7), 503, ("server_error", None, None)),
        (DeadlinePassed("late: too."), 503, ("server_error", None, None)),
        (EngineFault("It failed."), 500, ("server_error", None, None)),
        (ValueError("a secret"), 500, ("server_error", None, None)),
    ],
)
def test_each_error_has_openais_type_and_code(
    clock_app: MakeApp, raised: Exception, status: int, shape: tuple[str, str | None, str | None]
) -> None:
    app = clock_app("whisperx")

    def fail() -> str:
        raise raised

    app.add_url_rule("/v1/fail", "work.fail", fail)
    app.add_url_rule("/fail", "work.plain", fail)
    client = app.test_client()
    answer = client.get("/v1/fail")
    assert answer.status_code == client.get("/fail").status_code == status
    error = answer.get_json()["error"]
    assert (error["type"], error["param"], error["code"]) == shape
    assert error["message"] == client.get("/fail").get_json()["error"]
    assert "secret" not in answer.text
    if isinstance(raised, VoiceError) and raised.retry_after:
        assert answer.headers["Retry-After"] == client.get("/fail").headers["Retry-After"]


def test_a_server_that_is_about_to_stop_says_so(clock_app: MakeApp) -> None:
    app = clock_app("whisperx")
    host(app).activity.drain(60)
    answer = app.test_client().post(WORK, data={})
    assert answer.status_code == 503
    assert answer.get_json()["error"]["type"] == "server_error"


@pytest.mark.parametrize(
    ("path", "openai"),
    [("/v1", True), ("/v1/", True), ("/v1/x", True), ("/v10", False), ("/", False), ("", False)],
)
def test_only_v1_speaks_openai(path: str, openai: bool) -> None:
    assert speaks_openai(path) is openai


def test_the_document_shows_the_shape(opened: FlaskClient) -> None:
    document: Mapping[str, Any] = opened.get("/openapi.json").get_json()
    for status in ("400", "401", "404", "429", "500", "503"):
        content = document["paths"][WORK]["post"]["responses"][status]["content"]
        assert content["application/json"]["schema"]["$ref"].endswith("/OpenAiFailure")
