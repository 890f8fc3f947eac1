"""`gpuvoice doctor`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

import click
from rich.status import Status as Spinner
from rich.table import Table
from rich.text import Text

from gpuvoice.cli.loading import failure
from gpuvoice.cli.options import connecting
from gpuvoice.cli.output import Output
from gpuvoice.cli.session import Session
from gpuvoice.doctor.examine import examine
from gpuvoice.doctor.finding import Finding, failed
from gpuvoice.doctor.pages import origin_of
from gpuvoice.doctor.unusable import examine_without
from gpuvoice.errors import ConfigError

FAILED = 9
ENVIRONMENT = re.compile(r"[a-z][a-z0-9-]{0,19}")
STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red", "skipped": "dim"}


@click.command()
@click.option("--origin", metavar="URL", help="Also whether pages of this origin may call (CORS).")
@click.option("--env", "environment", metavar="NAME", help="Also the AWS account of dev or prod.")
@click.option(
    "--region", metavar="REGION", envvar=["AWS_REGION", "AWS_DEFAULT_REGION"],
    help="Of that stack; else as AWS_REGION, AWS_DEFAULT_REGION or config/ say.",
)  # fmt: skip
@connecting
def doctor(
    session: Session, origin: str | None, environment: str | None, region: str | None
) -> None:
    """Find out what is wrong, and how to mend it.

    Settings, names, certificates, both servers, the key, pages of other origins, versions, number
    formats and this machine's clock. Nothing is spoken, and a GPU that sleeps is not woken.

    With --env and AWS credentials (`gpuvoice[aws]`) also: GPU quotas, zones that offer the
    instance type, the image of each slot, and whether what is deployed is what config/release.yaml
    says, where the command runs in that project's folder.

    Each line is ok, warn, fail or skipped. It ends with 0, or with 9 when a check fails.
    """
    origin = None if origin is None else origin_of(origin)
    if environment is not None:
        named(environment)
    output, found = session.output, []
    with _looking(output) as spinner:
        for finding in _examined(session, origin, environment, region):
            found.append(finding)
            if spinner:
                spinner.update(f"Looked at: {finding.check}")
    _show(output, found)
    if failed(found):
        click.get_current_context().exit(FAILED)


def _examined(
    session: Session, origin: str | None, environment: str | None, region: str | None
) -> Iterator[Finding]:
    try:
        config = session.config
    except ConfigError as error:
        return examine_without(error, environment=environment, region=region)
    return examine(config, origin=origin, environment=environment, region=region)


def named(environment: str) -> str:
    """Raises ConfigError for what is no environment's name."""
    if not ENVIRONMENT.fullmatch(environment):
        raise ConfigError("--env is an environment's name, such as dev or prod.")
    return environment


@contextmanager
def _looking(output: Output) -> Iterator[Spinner | None]:
    if not output.live:
        yield None
        return
    with output.talk.status("Looking ...") as spinner:
        yield spinner


def _show(output: Output, found: list[Finding]) -> None:
    if output.json:
        names = ", ".join(each.check for each in found if each.status == "fail")
        told = failure(f"These checks failed: {names}.", "CheckFailed", FAILED)
        outcome = told if names else {"success": True}
        output.answer({**outcome, "checks": [asdict(each) for each in found]})
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("", "check", "found, and how to mend it"):
        table.add_column(title, overflow="fold")
    for each in found:
        words = Text(each.found)
        if each.mend:
            words.append(f"\n{each.mend}", style="italic")
        table.add_row(Text(each.status, style=STYLES[each.status]), Text(each.check), words)
    output.console.print(table)
    counts = {status: sum(each.status == status for each in found) for status in STYLES}
    output.say(", ".join(f"{count} {status}" for status, count in counts.items() if count))
