"""One exit stack per request, closed after the last byte of the answer is out."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from flask import Flask, request
from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEY = "voice.scope"


class RequestScope:
    """Outermost WSGI layer: what a request acquires is released here, however it ends."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        stack = environ[KEY] = ExitStack()
        try:
            return ClosingIterator(self._app(environ, start_response), [stack.close])
        except BaseException:
            stack.close()
            raise


def scope() -> ExitStack:
    """The current request's stack."""
    stack: ExitStack = request.environ[KEY]
    return stack


def init_app(app: Flask) -> None:
    app.wsgi_app = RequestScope(app.wsgi_app)  # type: ignore[method-assign]
