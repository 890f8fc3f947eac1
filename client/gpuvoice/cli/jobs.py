"""`gpuvoice jobs`: batches that a server works off by itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click
from rich.table import Table

from gpuvoice.cli.options import connecting
from gpuvoice.cli.output import Output
from gpuvoice.cli.session import Session
from gpuvoice.jobs import Jobs

Command = Callable[..., Any]
FIELDS = ("id", "call", "status", "done", "failed", "count", "created_at", "expires_at")


@click.group()
def jobs() -> None:
    """Look after jobs: batches that a server works off by itself."""


def _of_a_server(command: Command) -> Command:
    """Adds the options of `connecting`, and --hearing."""
    option = click.option(
        "--hearing", is_flag=True, help="Jobs of the recognition server, not the speech server."
    )
    return connecting(option(command))


@contextmanager
def _jobs(session: Session, hearing: bool, doing: str = "") -> Iterator[Jobs]:
    server = session.recognition(doing) if hearing else session.speech(doing)
    with server as answering:
        yield Jobs(answering)


@jobs.command("list")
@_of_a_server
def listed(session: Session, hearing: bool) -> None:
    """List your jobs, the newest first."""
    with _jobs(session, hearing) as server:
        found = server.all()
    if session.output.json:
        session.output.answer({"success": True, "jobs": found, "count": len(found)})
    elif found:
        _table(session.output, found)
    else:
        session.output.say("There are no jobs.")


@jobs.command()
@click.argument("job_id", metavar="ID")
@_of_a_server
def show(session: Session, job_id: str, hearing: bool) -> None:
    """Show how far a job is, and what failed in it."""
    with _jobs(session, hearing) as server:
        told = server.status(job_id)
    _told(session.output, told)


@jobs.command()
@click.argument("job_id", metavar="ID")
@click.option("--from", "first", type=click.IntRange(min=0), default=0, metavar="N",
              help="Begin with this item; the first is 0.")  # fmt: skip
@_of_a_server
def results(session: Session, job_id: str, first: int, hearing: bool) -> None:
    """Print each item's result as a line of JSON, as soon as it is there.

    The lines are in the order of the items. It ends with the job, and goes on by itself where the
    connection breaks.
    """
    with _jobs(session, hearing, "Waiting for results") as server:
        for line in server.results(job_id, first=first):
            session.output.data(json.dumps(line, ensure_ascii=False))


@jobs.command()
@click.argument("job_id", metavar="ID")
@_of_a_server
def cancel(session: Session, job_id: str, hearing: bool) -> None:
    """Drop what is not done of a job; what is done stays."""
    with _jobs(session, hearing) as server:
        told = server.cancel(job_id)
    _told(session.output, told)


@jobs.command()
@click.argument("job_id", metavar="ID")
@_of_a_server
def delete(session: Session, job_id: str, hearing: bool) -> None:
    """Cancel a job, and remove everything of it."""
    with _jobs(session, hearing) as server:
        told = server.delete(job_id)
    if session.output.json:
        session.output.answer(told)
    else:
        session.output.say(f"Job {job_id} is removed.")


def _told(output: Output, job: Mapping[str, Any]) -> None:
    if output.json:
        output.answer(job)
        return
    _table(output, [job])
    for item in job.get("items") or []:
        if item.get("error"):
            output.data(f"{item['index']}\t{item['error']}")


def _table(output: Output, found: list[Mapping[str, Any]] | list[dict[str, Any]]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("id", "call", "state", "done", "failed", "of", "since", "kept until"):
        table.add_column(title)
    for job in found:
        table.add_row(*(str(job.get(name, "")) for name in FIELDS))
    output.console.print(table)
