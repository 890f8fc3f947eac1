"""Jobs: batches that the server works off by itself, whose results are fetched as they come."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gpuvoice.errors import GpuVoiceError, NotReady, ServerFailed, Unreachable
from gpuvoice.http import GONE_SECONDS
from gpuvoice.model_server import ModelServer

# Of a stream of results that breaks off each time before anything came.
MOST_BREAKS = 5
# One that the server follows no longer, although it goes on.
OPEN = ("queued", "running")
BROKEN = "The results broke off before the job's end."


class Jobs:
    """The jobs of one server, a Speech or a Recognition: they outlast this program and the server's
    restarts. What comes back are the JSON objects that the server's API document describes.

    Every call raises Unreachable, KeyRefused, RequestRefused, NotReady or ServerFailed.
    """

    def __init__(self, server: ModelServer) -> None:
        self._server = server

    def submit(
        self, path: str, body: Mapping[str, Any], *, name: str | None = None
    ) -> dict[str, Any]:
        """Hand in a batch, as in `submit("/generate_batch", {"texts": [...]})`; the job's `id` and
        state. The same batch again is the same job, unless it has another `name`."""
        headers = {"Prefer": "respond-async"}
        if name is not None:
            headers["Idempotency-Key"] = name
        return self._server.ask("POST", path, body, headers=headers)

    def all(self) -> list[dict[str, Any]]:
        """Those of this key, the newest first."""
        found = self._server.ask("GET", "/jobs").get("jobs")
        if not isinstance(found, list):
            raise ServerFailed(f"The {self._server.name} sent no list of jobs.")
        return found

    def status(self, job: str) -> dict[str, Any]:
        """How far it is, with the state of each of its `items`."""
        return self._server.ask("GET", f"/jobs/{job}")

    def cancel(self, job: str) -> dict[str, Any]:
        """Drop what is not done; what is done stays."""
        return self._server.ask("POST", f"/jobs/{job}/cancel")

    def delete(self, job: str) -> dict[str, Any]:
        """Cancel it, and remove everything of it."""
        return self._server.ask("DELETE", f"/jobs/{job}")

    def results(self, job: str, *, first: int = 0) -> Iterator[dict[str, Any]]:
        """Each item's result in the items' order, from the `first` on, as soon as it is there;
        one that failed has an `error`. Ends with the job. A stream that breaks off is taken up
        again where it was."""
        at, breaks = first, 0
        while True:
            try:
                for line in self._server.lines(f"/jobs/{job}/results?from={at}"):
                    found = _line(line)
                    if "job" in found:
                        break
                    if "index" not in found:
                        raise Unreachable(str(found.get("error") or BROKEN))
                    at, breaks = int(found["index"]) + 1, 0
                    yield found
                else:
                    raise Unreachable(BROKEN)
                if found["job"].get("status") not in OPEN:
                    return
                self._server.pause(GONE_SECONDS)
            except (Unreachable, NotReady) as error:
                breaks += 1
                self._until_back(error, breaks)

    def _until_back(self, error: GpuVoiceError, breaks: int) -> None:
        if breaks >= MOST_BREAKS:
            raise error
        if breaks > 1:
            self._server.pause(GONE_SECONDS)
        self._server.wait_until_ready()


def _line(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        raise ServerFailed("The server sent a result that is not JSON.") from None
    if not isinstance(found, dict):
        raise ServerFailed("The server sent a result that is no object.")
    return found
