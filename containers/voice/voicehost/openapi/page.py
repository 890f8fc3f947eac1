"""The API document as a page for people, and as JSON; both public."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, jsonify, redirect, render_template, request
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as BaseResponse

from voicehost.host import Server
from voicehost.openapi.document import api_document
from voicehost.openapi.shapes import nested, shape_rows
from voicehost.routes.catalog import WORK_ERRORS, Endpoint
from voicehost.settings import VoiceHostSettings
from voicehost.web.auth import PUBLIC

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"


def init_app(
    app: Flask, server: Server, endpoints: Sequence[Endpoint], settings: VoiceHostSettings
) -> None:
    document = api_document(server, endpoints, settings)
    app.jinja_env.filters["json_text"] = lambda value: json.dumps(value)
    app.jinja_env.filters["code"] = code
    locked = settings.locked

    def openapi() -> Response:
        return jsonify(document)

    def docs() -> Response:
        # Behind a load balancer the browser's scheme is only in this header; it is shown, not used.
        scheme = "https" if request.headers.get("X-Forwarded-Proto") == "https" else request.scheme
        base = f"{scheme}://{request.host}{request.script_root}"
        page = Response(
            render_template(
                "docs.html",
                document=document,
                operations=[_operation(document, endpoint) for endpoint in endpoints],
                base=base,
                locked=locked,
                work_errors=WORK_ERRORS,
            ),
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


def code(text: str) -> Markup:
    """Backticks as code, everything else escaped."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704


def _operation(document: dict[str, Any], endpoint: Endpoint) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    responses = document["paths"][endpoint.path][endpoint.method.lower()]["responses"]
    tables = [("Request", endpoint.body.__name__)] if endpoint.body else []
    tables.append(("Answer", endpoint.answer.__name__))
    tables += [("Answer with delivery s3", shape.__name__) for shape in endpoint.or_answers]
    inner = {name for _, outer in tables for name in nested(schemas, outer)}
    tables += [(name.removesuffix("Body"), name) for name in sorted(inner)]
    return {
        "endpoint": endpoint,
        "tables": [(title, shape_rows(schemas, name)) for title, name in tables],
        "others": [
            (status, response["description"])
            for status, response in responses.items()
            if status != "200" and endpoint.group != "work"
        ],
    }
