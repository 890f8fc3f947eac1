"""What `cdk diff` says: the resources that a deploy would change."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.emulator.run.report import require
from tests.emulator.run.stage import Stage

# [~] AWS::ECS::TaskDefinition Green/Task/Definition GreenTaskDefinition87C3ECF5 replace
RESOURCE = re.compile(
    r"^\[(?P<sign>[-+~])\] (?P<kind>[A-Za-z0-9]+::[A-Za-z0-9:]+) (?P<path>\S.*?) (?P<id>\w+)"
    r"(?P<replaced> (?:may be replaced|replace))?$"
)
# Every other line of that form: outputs, parameters, conditions.
OTHER = re.compile(
    r"^\[(?P<sign>[-+~])\] (?P<kind>Output|Parameter|Condition|Mapping) (?P<path>\S+)"
)
DETAIL = re.compile(r"^\W*\[[-+~]\] \.?(?P<name>\w+)")
NOTHING, SOMETHING = 0, 1


@dataclass(frozen=True, slots=True)
class Change:
    """`properties` are the names that the CLI lists below the resource."""

    sign: str
    kind: str
    path: str
    replaced: bool
    properties: frozenset[str]


def changes(stage: Stage) -> list[Change]:
    """All changes of all stacks. Raises StepFailed when the CLI's status says otherwise."""
    status, said = stage.cdk("diff", "--fail", good=(NOTHING, SOMETHING))
    found = parse(said)
    agreed = bool(found) == (status == SOMETHING)
    require(agreed, f"cdk diff ended with {status} and listed {found}:\n{said}")
    return found


def parse(said: str) -> list[Change]:
    found: list[Change] = []
    for line in said.splitlines():
        if match := RESOURCE.match(line) or OTHER.match(line):
            parts = match.groupdict()
            replaced = bool(parts.get("replaced"))
            found.append(Change(parts["sign"], parts["kind"], parts["path"], replaced, frozenset()))
        elif found and (detail := DETAIL.match(line)) and not line.startswith("["):
            last = found[-1]
            names = last.properties | {detail["name"]}
            found[-1] = Change(last.sign, last.kind, last.path, last.replaced, names)
    return found
