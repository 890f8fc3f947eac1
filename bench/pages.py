"""Tables inside the documents: everything between two markers is written by a script."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
END = "<!-- end of computed tables -->"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def begin(module: str) -> str:
    return f"<!-- computed: python -m {module} --write -->"


def split(page: str, module: str) -> tuple[str, str, str]:
    """What stands before, between and after the markers. Raises ValueError without them."""
    before, begun, rest = page.partition(begin(module))
    inside, ended, after = rest.partition(END)
    if not (begun and ended):
        raise ValueError(f"The page needs the lines {begin(module)} and {END}.")
    return before, inside.strip("\n"), after


def with_tables(page: str, module: str, tables: str) -> str:
    """The page with those tables between the markers."""
    before, _, after = split(page, module)
    return f"{before}{begin(module)}\n\n{tables}\n\n{END}{after}"


def run(module: str, document: str, tables: str) -> int:
    """The command line of such a script: print the tables, or write them into the document."""
    parser = argparse.ArgumentParser(prog=module)
    parser.add_argument("--write", action="store_true", help=f"write them into {document}")
    if not parser.parse_args().write:
        print(tables)
        return 0
    file = ROOT / document
    page = with_tables(file.read_text(encoding="utf-8"), module, tables)
    file.write_text(page, encoding="utf-8")
    print(f"{module}: wrote the tables of {document}.", file=sys.stderr)
    return 0
