"""The runbook: a heading for each alarm, and commands that the AWS CLI knows."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import OperationModel, ServiceModel
from pydantic import BaseModel

from config.settings import Settings
from tests.infrastructure.operations_stack import operations_template

ROOT = Path(__file__).parents[2]
ADRS = [file for file in (ROOT / "docs/adr").glob("*.md") if file.name > "0007"]
PAGES = ("docs/runbook.md", "docs/cold-start.md", "docs/costs.md")
# Options of the command line itself, and commands that it composes of several operations.
EVERYWHERE = {"--query", "--output", "--max-items", "--region", "--filter-pattern"}
COMPOSED = {("logs", "tail"): {"--since", "--filter-pattern", "--follow"}}
ALIASES = {"s3api": "s3"}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(page: str) -> list[str]:
    """The page's shell blocks, with broken lines joined."""
    found = re.findall(r"^ *```sh\n(.*?)^ *```", page, re.MULTILINE | re.DOTALL)
    return [re.sub(r"\\\n\s*", " ", block) for block in found]


def commands(page: str) -> Iterator[list[str]]:
    """Words of each `aws` command in the page's shell blocks and inline code."""
    prose = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    for text in (*blocks(page), *re.findall(r"`(aws [^`]+)`", prose)):
        for begin in re.finditer(r"\baws (?=[a-z0-9-]+ [a-z])", text):
            yield words(text[begin.end() :].partition("\n")[0])


def words(command: str) -> list[str]:
    """The command's words up to a pipe, bracket or the next command."""
    lexer = shlex.shlex(command.replace("$(", "("), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    taken: list[str] = []
    for word in lexer:
        if word in {"|", ";", "&&", "||", ")"}:
            break
        taken.append(word)
    return taken


ALL = [(page, command) for page in PAGES for command in commands(read(page))]


def test_the_pages_hold_commands() -> None:
    assert len(ALL) > 40


@pytest.mark.parametrize(("page", "command"), ALL, ids=lambda value: str(value)[:60])
def test_the_aws_cli_knows_each_command_and_its_options(page: str, command: list[str]) -> None:
    service, name = command[:2]
    given = {word.partition("=")[0] for word in command[2:] if word.startswith("--")}
    if (service, name) in COMPOSED:
        assert given <= COMPOSED[service, name]
        return
    assert given - EVERYWHERE <= options(operation(service, name)), page


def operation(service: str, name: str) -> OperationModel:
    model: ServiceModel = botocore.session.get_session().get_service_model(
        ALIASES.get(service, service)
    )
    by_name = {xform_name(each, "-"): each for each in model.operation_names}
    assert name in by_name, f"aws {service} has no {name}"
    return model.operation_model(by_name[name])


def options(model: OperationModel) -> set[str]:
    found: set[str] = set()
    shape = model.input_shape
    for member, kind in (shape.members if shape else {}).items():
        option = xform_name(member, "-")
        found.add(f"--{option}")
        if kind.type_name == "boolean":
            found.add(f"--no-{option}")
    return found


def headings(page: str) -> set[str]:
    """Anchors of the page's headings, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in found}


def test_each_alarm_that_somebody_is_told_of_leads_to_its_heading() -> None:
    template = operations_template()
    told = [
        str(alarm["Properties"]["AlarmDescription"])
        for kind in ("Alarm", "CompositeAlarm")
        for alarm in template.find_resources(f"AWS::CloudWatch::{kind}").values()
        if "AlarmActions" in alarm["Properties"]
    ]
    named = {text.partition("docs/runbook.md#")[2] for text in told}
    alarms = {
        "gpumemoryhigh", "gpumemoryshort", "errorratehigh", "keysstale", "blueunreachable",
        "greenunreachable", "powerfunctionerrors", "powersilent", "powerdeadletters",
        "gpustartfailed", "gpuoverdue", "forcedstop",
    }  # fmt: skip
    assert named == alarms
    assert named <= headings(read("docs/runbook.md"))


@pytest.mark.parametrize("page", PAGES)
def test_the_shell_can_read_each_block(page: str) -> None:
    for block in blocks(read(page)):
        done = subprocess.run(
            ["bash", "-n"], input=block, text=True, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", [*PAGES, *sorted(f"docs/adr/{f.name}" for f in ADRS)])
def test_each_setting_that_a_page_names_exists_with_the_default_it_says(page: str) -> None:
    for section, key, said in re.findall(r"`(\w+)\.(\w+)(?:: \w+)?`(?: \((\d+)\))?", read(page)):
        if section in Settings.model_fields:
            model = Settings.model_fields[section].annotation
            assert isinstance(model, type)
            assert issubclass(model, BaseModel)
            assert key in model.model_fields, f"{section}.{key}"
            default = model.model_fields[key].default
            assert not said or float(said) == default, f"{section}.{key} is {default}"


@pytest.mark.parametrize("page", PAGES)
def test_links_to_headings_lead_to_one(page: str) -> None:
    for name, anchor in re.findall(r"\]\(([\w./-]*)#([\w-]+)\)", read(page)):
        target = read(f"docs/{name}") if name else read(page)
        assert anchor in headings(target), f"{page} links to #{anchor}"
