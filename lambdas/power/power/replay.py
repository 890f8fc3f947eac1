"""`python -m power.replay FILE`: decide a day again from its log, offline.

FILE holds the controller's log lines (`aws logs filter-log-events ... --output text` or plain JSON
lines; anything else in it is passed over), - is standard input. With --set NAME=VALUE another limit
of the policy is tried: `--set idle_minutes=5`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from power.decide import decide
from power.model import Decision, Facts
from power.plain import from_plain
from power.policy import Policy

MARK = '{"message":"decision"'


def main(arguments: list[str] | None = None) -> int:
    """0; 1 when this code decides otherwise than the log says; 2 when there is nothing to read."""
    given = _parser().parse_args(arguments)
    try:
        lines = _lines(given.file)
        changes = dict(_change(text) for text in given.set)
    except OSError as error:
        sys.stderr.write(f"replay: {given.file} cannot be read: {error.strerror}\n")
        return 2
    except ValueError as error:
        sys.stderr.write(f"replay: {error}\n")
        return 2
    seen = other = 0
    before: dict[str, str] = {}
    for document in decisions(lines):
        facts = from_plain(Facts, document["facts"])
        facts = replace(facts, policy=replace(facts.policy, **changes))
        logged = from_plain(Decision, document)
        again = decide(facts, document["at"])
        seen += 1
        differs = (again.action, again.kind) != (logged.action, logged.kind)
        other += differs
        told = f"{again.action}: {again.reason}"
        if differs:
            told += f"  [the log says {logged.action}: {logged.reason}]"
        if given.all or differs or before.get(facts.slot) != again.action:
            sys.stdout.write(f"{_when(document['at'])}  {facts.slot:5}  {told}\n")
        before[facts.slot] = again.action
    if not seen:
        sys.stderr.write("replay: no decision in it; give the controller's log lines\n")
        return 2
    sys.stdout.write(f"replay: {seen} decisions, {other} of them otherwise than in the log.\n")
    return 1 if other and not changes else 0


def decisions(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The decisions among the lines, whatever stands around them, by time."""
    found = []
    for line in lines:
        for part in line.split(MARK)[1:]:
            try:
                found.append(json.JSONDecoder().raw_decode(MARK + part)[0])
            except ValueError:
                continue
    return iter(sorted(found, key=lambda document: document["at"]))


def _lines(file: str) -> list[str]:
    text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    return text.splitlines()


def _change(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    if name not in Policy.__dataclass_fields__:
        known = ", ".join(Policy.__dataclass_fields__)
        raise ValueError(f"{name} is no limit of the policy; there are {known}")
    return name, float(value)


def _when(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="power.replay", description="Decide a day again from its log, offline."
    )
    parser.add_argument("file", help="log lines of the controller; - for standard input")
    parser.add_argument("--all", action="store_true", help="every decision, not changes alone")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="try another limit"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
