"""The API document as a page for people, and as JSON; both public."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from voicehost.host import Server
from voicehost.openapi.document import api_document
from voicehost.openapi.shapes import shape_rows
from voicehost.routes.catalog import Endpoint
from voicehost.settings import VoiceHostSettings
from voicehost.web.auth import PUBLIC

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"


def init_app(
    app: Flask, server: Server, endpoints: Sequence[Endpoint], settings: VoiceHostSettings
) -> None:
    document = api_document(server, endpoints, settings)

    def openapi() -> Response:
        return jsonify(document)

    def docs() -> Response:
        base = request.host_url.rstrip("/") + request.script_root
        operations = [_operation(document, endpoint, base) for endpoint in endpoints]
        page = Response(
            render_template("docs.html", document=document, operations=operations, base=base),
            mimetype="text/html",
        )
        page.headers["Content-Security-Policy"] = POLICY
        return page

    def index() -> BaseResponse:
        return redirect(request.script_root + "/docs")

    # An endpoint's name begins with its blueprint's: these three are public too.
    app.add_url_rule("/openapi.json", f"{PUBLIC}.openapi", openapi)
    app.add_url_rule("/docs", f"{PUBLIC}.docs", docs)
    app.add_url_rule("/", f"{PUBLIC}.index", index)


def _operation(document: dict[str, Any], endpoint: Endpoint, base: str) -> dict[str, Any]:
    operation = document["paths"][endpoint.path][endpoint.method.lower()]
    schemas = document["components"]["schemas"]
    return {
        "method": endpoint.method,
        "path": endpoint.path,
        "group": endpoint.group,
        "summary": endpoint.summary,
        "description": endpoint.description,
        "example": endpoint.example,
        "url": base + endpoint.path,
        "body": shape_rows(schemas, endpoint.body.__name__) if endpoint.body else [],
        "answer": shape_rows(schemas, endpoint.answer.__name__),
        "errors": [
            (status, response["description"])
            for status, response in operation["responses"].items()
            if status != "200"
        ],
    }
