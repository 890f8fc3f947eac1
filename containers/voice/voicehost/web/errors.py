"""Every error as JSON for a person: `{"success": false, "error": ...}`; under `/v1` as OpenAI."""

from __future__ import annotations

import logging
import math
from typing import Any

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from voicehost.errors import SlowUpload, TooLarge, Unauthorized, VoiceError
from voicehost.v1.errors import openai_body, speaks_openai
from voicehost.web.record import record

log = logging.getLogger(__name__)

FAULT = "The server failed on this request; its log says why. Trying again may help."


def error_body(message: str, **more: Any) -> dict[str, Any]:
    return {"success": False, "error": message, **more}


def init_app(app: Flask) -> None:
    @app.errorhandler(VoiceError)
    def voice_error(error: VoiceError) -> Response:
        response = _answer(error.message, error.status, error)
        if error.retry_after is not None:
            response.headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
        if isinstance(error, Unauthorized):
            response.headers["WWW-Authenticate"] = 'Bearer realm="gpu-voice"'
        if isinstance(error, SlowUpload | TooLarge):
            response.headers["Connection"] = "close"
        return response

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        response = _answer(_say(error), error.code or 500, error)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return response

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Response:
        log.exception("request failed", exc_info=error, extra={"request_id": record().id})
        return _answer(FAULT, 500, error)


def _answer(message: str, status: int, error: Exception) -> Response:
    openai = speaks_openai(request.path)
    body = openai_body(message, status, error) if openai else error_body(message)
    response = jsonify(body)
    response.status_code = status
    return response


def _say(error: HTTPException) -> str:
    if isinstance(error, NotFound):
        return "There is no such path here. /docs lists the ones that exist."
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(set(error.valid_methods or ()) - {"OPTIONS", "HEAD"}))
        return f"{request.path} does not take {request.method}; use {allowed}."
    if isinstance(error, RequestEntityTooLarge):
        return "The request is too large. Send fewer or shorter items at a time."
    return error.description or error.name
