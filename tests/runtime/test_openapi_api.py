"""The API document is valid, complete and true to the code."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.runtime.conftest import MakeApp


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
        (rule.rule, method)
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
