"""The CDK CLI of this checkout, with the Node and the Python that it needs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from operate.failures import CommandError

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / "node_modules/.bin"
OUT = ROOT / "cdk.out"


def cdk_command(command: str, environment: str, out: Path = OUT) -> list[str]:
    """`cdk COMMAND` for an environment, with its assembly in `out`/NAME.

    Raises CommandError where the CLI is not installed.
    """
    tool = TOOLS / "cdk"
    if not tool.exists():
        raise CommandError("The CDK CLI is not installed: npm ci.")
    app = f"{sys.executable} {ROOT / 'app.py'}"
    folder = str(out / environment)
    return [str(tool), command, "--app", app, "-c", f"env={environment}", "-o", folder]


def tool_environment() -> dict[str, str]:
    """The environment, with the checkout's Node before any other."""
    return {**os.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}"}


def shown(file: Path) -> str:
    """The file as one would type it in the checkout."""
    return str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)
