"""The API document is valid, complete and true to the code."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.runtime.conftest import MakeApp
from voicehost.app import host


@pytest.fixture(params=["tts", "whisperx"])
def app(request: pytest.FixtureRequest, clock_app: MakeApp) -> Flask:
    return clock_app(request.param, texts=7, audios=9)


def document(app: Flask) -> Any:
    return app.test_client().get("/openapi.json").get_json()


def test_it_is_valid_openapi_3_1(app: Flask) -> None:
    found = document(app)
    assert found["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(found).validate()


def test_it_names_each_route_and_no_other(app: Flask) -> None:
    pages = {"/openapi.json", "/docs", "/"}
    served = {
        (re.sub(r"<(?:path:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule not in pages
    }
    named = {
        (path, method.upper())
        for path, operations in document(app)["paths"].items()
        for method in operations
    }
    assert named == served


def test_limits_in_it_are_those_of_the_settings(app: Flask) -> None:
    schemas = document(app)["components"]["schemas"]
    if "GenerateBatchRequest" in schemas:
        assert schemas["GenerateBatchRequest"]["properties"]["texts"]["maxItems"] == 7
    else:
        assert schemas["AlignBatchRequest"]["properties"]["items"]["maxItems"] == 9
    assert not re.search(r'"max(Items|Length)": "', str(document(app)).replace("'", '"'))


def test_public_operations_need_no_key_and_others_do(app: Flask) -> None:
    for path, operations in document(app)["paths"].items():
        for operation in operations.values():
            assert (operation.get("security") == []) is (path in {"/health", "/ready", "/live"})


def test_a_batch_may_be_delivered_in_two_ways_and_signing_is_no_work(app: Flask) -> None:
    found = document(app)
    batches = [path for path in found["paths"] if path.endswith("_batch")]
    assert batches
    for path in batches:
        content = found["paths"][path]["post"]["responses"]["200"]["content"]
        shapes = {
            part["$ref"].rsplit("/")[-1] for part in content["application/json"]["schema"]["anyOf"]
        }
        assert "Failure" in shapes
        assert sum(shape.startswith("Stored") for shape in shapes) == 1
    assert found["paths"]["/results/sign"]["post"]["tags"] == ["results"]
    text = app.test_client().get("/docs").get_data(as_text=True)
    assert "expires_at" in text
    assert "&#39;inline&#39; or &#39;s3&#39;" in text


def test_the_page_shows_each_operation_and_loads_nothing_from_elsewhere(app: Flask) -> None:
    page = app.test_client().get("/docs")
    text = page.get_data(as_text=True)
    for path in document(app)["paths"]:
        assert f'id="{path}"' in text
    assert not re.search(r'(src|href)="(https?:)?//(?!localhost)', text)
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert app.test_client().get("/").headers["Location"].endswith("/docs")


JOB_CALLS = {
    "tts": {"/generate_batch", "/narrate"},
    "whisperx": {"/transcribe_batch", "/align_batch"},
}


def operations(app: Flask) -> dict[str, Any]:
    """By method and path: `POST /generate`."""
    return {
        f"{method.upper()} {path}": operation
        for path, found in document(app)["paths"].items()
        for method, operation in found.items()
    }


def names(operation: Any, where: str) -> set[str]:
    return {each["name"] for each in operation.get("parameters", []) if each["in"] == where}


def test_a_call_that_may_become_a_job_says_what_comes_then(app: Flask) -> None:
    calls = {
        name.removeprefix("POST "): operation
        for name, operation in operations(app).items()
        if "202" in operation["responses"]
    }
    assert set(calls) == JOB_CALLS[host(app).server]
    for operation in calls.values():
        taken = operation["responses"]["202"]
        assert {"Location", "Preference-Applied"} <= taken["headers"].keys()
        assert {"Prefer", "Idempotency-Key"} <= names(operation, "header")
        ((url, called),) = operation["callbacks"]["ended"].items()
        assert url == "{$request.body#/callback}"
        assert called["post"]["security"] == []
        assert called["post"]["requestBody"]["content"] == taken["content"]


def test_white_space_is_promised_only_where_the_server_sends_it(app: Flask) -> None:
    for name, operation in operations(app).items():
        shapes = str(operation["responses"]["200"]["content"])
        beats = operation["tags"] == ["work"] and "/v1/" not in name
        assert ("schemas/Failure" in shapes) is beats, name


def test_errors_below_v1_are_described_as_openais_clients_read_them(app: Flask) -> None:
    for name, operation in operations(app).items():
        for status, answer in operation["responses"].items():
            if int(status) < 400 or name in ("GET /ready", "GET /live"):
                continue
            shown = str(answer["content"])
            assert ("OpenAiFailure" in shown) is ("/v1/" in name), f"{name} {status}"


def test_paths_with_names_in_them_describe_each(app: Flask) -> None:
    found = operations(app)
    for name, operation in found.items():
        assert names(operation, "path") == set(re.findall(r"{(\w+)}", name)), name
    assert names(found["GET /jobs/{id}/results"], "query") == {"from", "follow"}
    assert {"GET /jobs/{id}", "DELETE /jobs/{id}"} <= found.keys()


def test_each_operation_has_a_name_of_its_own(app: Flask) -> None:
    found = [operation["operationId"] for operation in operations(app).values()]
    assert len(set(found)) == len(found)


def test_what_is_no_json_is_described_as_what_it_is(app: Flask) -> None:
    found = operations(app)
    lines = found["GET /jobs/{id}/results"]["responses"]["200"]["content"]
    assert list(lines) == ["application/x-ndjson"]
    line = lines["application/x-ndjson"]["schema"]
    assert (line["type"], line["contentSchema"]["$ref"].rsplit("/")[-1]) == ("string", "ResultLine")
    form = found["POST /v1/audio/transcriptions"]["requestBody"]["content"]
    assert list(form) == ["multipart/form-data"]
    assert "file" in form["multipart/form-data"]["encoding"]
    if host(app).server == "tts":
        spoken = found["POST /generate"]["responses"]["200"]
        assert {"application/json", "audio/flac", "audio/mpeg"} <= spoken["content"].keys()
        assert {"X-Voice-Seed", "X-Finish-Reason", "X-Voice-Reused"} <= spoken["headers"].keys()
        assert "required" not in spoken["headers"]["X-Voice-Seed"]
        speech = found["POST /v1/audio/speech"]["responses"]["200"]["content"]
        assert "application/json" not in speech
        event = speech["text/event-stream"]["schema"]["properties"]["data"]
        assert event["contentSchema"]["$ref"].endswith("/SpeechEvent")


def test_the_page_shows_what_to_type(app: Flask) -> None:
    text = app.test_client().get("/docs").get_data(as_text=True)
    assert "-F file=@recording.wav -F model=whisper-1" in text
    assert "curl -X DELETE http://localhost/jobs/ID" in text
    assert "curl http://localhost/jobs/ID/results" in text
    assert "application/x-ndjson" in text
    if host(app).server == "tts":
        assert "{#ship}ship it" in text
        assert "may also be <code>audio/wav</code>" in text
