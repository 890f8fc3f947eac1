"""The API document as a page for people, and as JSON; both public."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from flask import Flask, Response, jsonify, redirect, render_template, request
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as BaseResponse

from voicehost.host import Server
from voicehost.openapi.described import described
from voicehost.openapi.document import api_document
from voicehost.routes.catalog import WORK_ERRORS, Endpoint
from voicehost.settings import VoiceHostSettings
from voicehost.web.auth import PUBLIC

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"


def init_app(
    app: Flask, server: Server, endpoints: Sequence[Endpoint], settings: VoiceHostSettings
) -> None:
    @cache
    def document() -> dict[str, Any]:
        return api_document(server, endpoints, settings)

    @cache
    def operations() -> list[dict[str, Any]]:
        return [described(document(), endpoint) for endpoint in endpoints]

    app.jinja_env.filters["json_text"] = lambda value: json.dumps(value)
    app.jinja_env.filters["code"] = code
    locked = settings.locked

    def openapi() -> Response:
        return jsonify(document())

    def docs() -> Response:
        # Behind a load balancer the browser's scheme is only in this header; it is shown, not used.
        scheme = "https" if request.headers.get("X-Forwarded-Proto") == "https" else request.scheme
        base = f"{scheme}://{request.host}{request.script_root}"
        page = Response(
            render_template(
                "docs.html",
                document=document(),
                operations=operations(),
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
