"""`make check` looks at documents: generated pages, API documents, links that lead nowhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from openapi_spec_validator import OpenAPIV31SpecValidator

from config.page import page as stacks_page
from gpuvoice.cli.page import page as commands_page
from voicehost.app import create_app
from voicehost.engines.families import hearing_engines, speech_engine
from voicehost.settings import VoiceHostSettings
from voicehost.settings_page import settings_page

ROOT = Path(__file__).parent.parent
LINTER_NEEDS = (20, 19)
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def generated() -> list[str]:
    pages = {
        "docs/configuration.md": stacks_page() + settings_page(),
        "docs/cli.md": commands_page(),
    }
    return [
        f"{name} is not up to date: run make docs"
        for name, page in pages.items()
        if (ROOT / name).read_text(encoding="utf-8") != page
    ]


def links() -> list[str]:
    """Relative links in Markdown whose target does not exist."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [
        f"{page.relative_to(ROOT)} links to {target}, which does not exist"
        for page in pages
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]


def api_documents() -> list[str]:
    """The documents are valid, and pass the linter where it is installed."""
    settings = VoiceHostSettings(engine="clock")
    faults: list[str] = []
    for engine in (speech_engine(settings), hearing_engines(settings)):
        document = create_app(engine, settings).test_client().get("/openapi.json").get_json()
        OpenAPIV31SpecValidator(document).validate()
        faults += lint(document)
    return faults


def node_version() -> tuple[int, ...]:
    """Of the Node on the path; (0,) when there is none."""
    if shutil.which("node") is None:
        return (0,)
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in said.strip().lstrip("v").split("."))


def lint(document: object) -> list[str]:
    linter = ROOT / "node_modules/.bin/redocly"
    if not linter.exists() or node_version() < LINTER_NEEDS:
        print("API documents: not linted; that takes Node 20.19 and npm ci", file=sys.stderr)
        return []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "openapi.json"
        file.write_text(json.dumps(document), encoding="utf-8")
        done = subprocess.run(
            [str(linter), "lint", "--config", str(ROOT / "redocly.yaml"), str(file)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    return [] if done.returncode == 0 else [done.stdout + done.stderr]


def main() -> int:
    faults = [*generated(), *links(), *api_documents()]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
