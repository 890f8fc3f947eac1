"""A team's module as an engine: its model is loaded and called by the scheduler's thread alone."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, closing, suppress
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, RequestRedirect

from voicehost.adopted.call import FAULT, Answer, Call
from voicehost.adopted.module import team_module
from voicehost.adopted.pulse import pulse
from voicehost.adopted.stream import Stream
from voicehost.engines.protocol import LoadError, OneByOne, Report
from voicehost.host import Server
from voicehost.queueing.batch import Batch
from voicehost.queueing.ticket import Work
from voicehost.settings import VoiceHostSettings, variable

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger(__name__)


class AdoptedEngine(OneByOne):
    """One request of the team's application at a time: the input is a `Call`, the result an
    `Answer`, or a `Stream` where the call takes one.

    `told` is what the team's own `/health` said once the model was there.
    """

    name = "adopted"
    device = "own"

    def __init__(self, server: Server, settings: VoiceHostSettings) -> None:
        self.server = server
        self.model = settings.tts_app if server == "tts" else settings.whisperx_app
        self.told: dict[str, Any] = {}
        self._setting = f"{variable(f'{server}_app')}={self.model}"
        self._most_seconds = settings.deadline_seconds
        self._report: Report = lambda what, fraction: None
        self._first = Call.get("/health")
        self._app: WSGIApplication = NotFound()
        self._routes = Map().bind("localhost")

    def load(self, report: Report) -> None:
        """Import the module and call its `initialize_model()`. Raises LoadError."""
        self._report = report
        with self._pulse(self.model, 0.0):
            app = self._loaded()
        self._app, self._routes = app, app.url_map.bind("localhost")

    def sample(self) -> Call:
        return self._first

    def run(self, batch: Batch) -> None:
        for work in batch.step():
            with self._pulse("", 1.0):
                try:
                    self._answer(batch, work)
                except Exception:
                    # An application set to debug or test itself lets its errors through, and what
                    # makes the parts of an answer always does.
                    log.exception("the team's application failed", extra={"engine": self.model})
                    if work in batch.rows:  # of a stream that broke off, the beginning is out
                        batch.finish(work, FAULT)

    def check_route(self, path: str, method: str) -> None:
        """Raise NotFound or MethodNotAllowed unless the team's application has this.

        Asked once the model is ready, by threads of requests.
        """
        with suppress(RequestRedirect):  # the application itself says where to
            self._routes.match(path, method)

    def _loaded(self) -> Flask:
        try:
            team = team_module(self._setting, self.model)
        except LoadError:
            raise
        except BaseException as error:
            raise LoadError(f"{self._setting} cannot be imported: {_say(error)}") from error
        try:
            done = team.initialize_model()
        except BaseException as error:
            raise LoadError(f"{self._setting}: initialize_model failed: {_say(error)}") from error
        if done is False:
            raise LoadError(f"{self._setting}: initialize_model returned False.")
        return team.app

    def _answer(self, batch: Batch, work: Work) -> None:
        call: Call = work.payload
        head, parts = call.put_to(self._app)
        with closing(parts):
            if call.streams and not head.sized and head.good:
                with Stream(head) as stream:
                    batch.finish(work, stream)
                    for part in parts:
                        batch.step()
                        if not stream.send(part):
                            break
                return
            body = []
            for part in parts:
                if work not in batch.step():
                    return  # nobody waits for it any more
                body.append(part)
        answer = Answer(head, b"".join(body))
        if call is self._first and head.good:
            self.told = answer.fields or {}
        batch.finish(work, answer)

    def _pulse(self, doing: str, fraction: float) -> AbstractContextManager[None]:
        return pulse(lambda: self._report(doing, fraction), self._most_seconds)


def _say(error: BaseException) -> str:
    # Nothing of a request can be in it, so it may be shown.
    return f"{type(error).__name__}: {error}"
