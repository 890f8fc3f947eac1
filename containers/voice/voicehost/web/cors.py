"""Which pages may call: the origins by setting, else pages served from this machine."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask import Flask, Response, request
from flask_cors import CORS

LOOPBACK = re.compile(
    r"^https?://(localhost|[a-z0-9-]+\.localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?\Z"
)
SENT = [
    *("Content-Type", "X-API-Key", "Authorization", "X-Deadline-Seconds", "X-Request-Id"),
    *("Prefer", "Cache-Control", "Idempotency-Key"),
]
# What OpenAI's client in a page says of itself.
OF_OPENAI = re.compile(r"^x-stainless-[a-z-]+\Z", re.IGNORECASE)
SHOWN = [
    *("X-Queue-Position", "X-Queue-Wait-Seconds", "X-Request-Id", "Retry-After"),
    *("Location", "Preference-Applied", "X-Voice-Seed", "X-Finish-Reason"),
    "X-Voice-Reused",
]
PREFLIGHT_SECONDS = 7200  # the longest that Chromium keeps one


def init_app(app: Flask, origins: tuple[str, ...], more: Sequence[str] = ()) -> None:
    """`more` are headers that pages may send and read beside the usual ones."""

    @app.before_request
    def preflight() -> Response | None:
        # Browsers send the request only after a 2xx, and a page should see its 404.
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            return Response(status=204)
        return None

    CORS(
        app,
        origins=[_pattern(origin) for origin in origins] or [LOOPBACK],
        methods=["GET", "POST", "DELETE", "OPTIONS"],
        allow_headers=[*SENT, *more, OF_OPENAI],
        expose_headers=[*SHOWN, *more],
        max_age=PREFLIGHT_SECONDS,
        allow_private_network=True,
    )


def _pattern(origin: str) -> str | re.Pattern[str]:
    # An origin is compared as a whole, so that a dot in it matches no other character.
    return (
        "*" if origin == "*" else re.compile(rf"^{re.escape(origin.rstrip('/'))}\Z", re.IGNORECASE)
    )
