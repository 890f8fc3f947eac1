"""Text-to-speech servers that keep jobs in a folder, and what their callers do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.patience import until
from tests.runtime.conftest import started
from tests.runtime.held_voice import HeldVoice
from voicehost.app import create_app, host
from voicehost.blobs.disk import DiskBlobs
from voicehost.jobs.jobs import Jobs
from voicehost.settings import VoiceHostSettings

ASYNC = {"Prefer": "respond-async"}
TEXTS = ["One bird.", "Two birds.", "Three birds.", "Four birds.", "Five birds."]


@contextmanager
def serving(folder: Path | None, voice: HeldVoice | None = None, **given: Any) -> Iterator[Flask]:
    """A warm server, which goes on with the jobs that it finds."""
    settings = VoiceHostSettings(engine="clock", data=folder, **given)
    app = started(create_app(voice or HeldVoice(), settings))
    found = host(app).jobs
    if found is not None:
        found.start()
    try:
        yield app
    finally:
        host(app).close()


def open_jobs(folder: Path) -> list[str]:
    """Names of the markers in a folder, which may change meanwhile."""
    return [found.name for found in DiskBlobs(folder).find("jobs/open/")]


def jobs_of(app: Flask) -> Jobs:
    found = host(app).jobs
    assert found is not None
    return found


def post(
    client: FlaskClient,
    texts: Sequence[str] = TEXTS,
    headers: dict[str, str] | None = None,
    **more: Any,
) -> TestResponse:
    return client.post(
        "/generate_batch", json={"texts": list(texts), **more}, headers={**ASYNC, **(headers or {})}
    )


def begun(client: FlaskClient, texts: Sequence[str] = TEXTS, **more: Any) -> str:
    """The path of a job that was accepted."""
    response = post(client, texts, **more)
    assert response.status_code == 202, response.get_json()
    return response.headers["Location"]


def look(client: FlaskClient, path: str, **headers: str) -> Any:
    response = client.get(path, headers=headers)
    assert response.status_code == 200, response.get_json()
    return response.get_json()


def ended(client: FlaskClient, path: str, **headers: str) -> Any:
    """The job, once it is over."""
    over = ("done", "cancelled", "failed")
    until(lambda: look(client, path, **headers)["ended_at"] is not None)
    job = look(client, path, **headers)
    assert job["status"] in over
    return job


def lines(client: FlaskClient, path: str, query: str = "") -> list[Any]:
    response = client.get(f"{path}/results{query}")
    assert response.status_code == 200, response.get_json()
    assert response.mimetype == "application/x-ndjson"
    return [json.loads(line) for line in response.data.splitlines() if line.strip()]
