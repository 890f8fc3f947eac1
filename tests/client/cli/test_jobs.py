"""`gpuvoice jobs` against the true servers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gpuvoice import ClientConfig, Jobs, Speech
from tests.client.cli.conftest import Run
from tests.servers import Running


@pytest.fixture
def job(local: Running) -> str:
    config = ClientConfig.resolve(speech_url=local.tts, environ={}, folder=Path("/"))
    with Speech(config) as speech:
        made = Jobs(speech).submit("/generate_batch", {"texts": ["One.", "Two."]}, name="cli")
    return str(made["id"])


def test_results_are_lines_of_json_until_the_job_ends(run: Run, job: str) -> None:
    ran = run("jobs", "results", job)
    assert ran.code == 0
    found = [json.loads(line) for line in ran.out.splitlines()]
    assert [each["index"] for each in found] == [0, 1]
    assert all(each["audio"] for each in found)
    assert len(run("jobs", "results", job, "--from", "1").out.splitlines()) == 1


def test_jobs_are_listed_shown_cancelled_and_removed(run: Run, job: str) -> None:
    run("jobs", "results", job)
    assert job in run("jobs", "list").out
    assert run("jobs", "list", "--json").json["count"] >= 1
    shown = run("jobs", "show", job)
    assert (shown.code, "done" in shown.out, job in shown.out) == (0, True, True)
    assert run("jobs", "show", job, "--json").json["done"] == 2
    assert run("jobs", "cancel", job).code == 0
    removed = run("jobs", "delete", job)
    assert (removed.code, removed.err) == (0, f"Job {job} is removed.\n")
    gone = run("jobs", "show", job)
    assert (gone.code, gone.out) == (5, "")
    assert "no such job" in gone.err.lower()


def test_the_recognition_server_has_its_own(run: Run, job: str) -> None:
    ran = run("jobs", "list", "--hearing")
    assert ran.code == 0
    assert job not in ran.out
