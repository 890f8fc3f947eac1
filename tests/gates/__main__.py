"""`make check` has cfn-lint and checkov look at the templates of all environments and variants, and
hadolint at the Dockerfile."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.gates import variants

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "cdk.out"
# The CDK names dependencies that the references imply already; that does no harm.
ACCEPTED = ["W3005"]


def cfn_lint(templates: list[Path]) -> int:
    """Errors and warnings alike fail."""
    tool = Path(sys.executable).parent / "cfn-lint"
    return subprocess.call([str(tool), "-i", *ACCEPTED, "--", *map(str, templates)])


def checkov(folder: Path) -> int:
    """Accepted checks have their reason beside the resource, in the template's metadata."""
    tool = ROOT / ".venv-gates/bin/checkov"
    flags = ["--framework", "cloudformation", "--quiet", "--compact", "--skip-download"]
    return subprocess.call(
        [str(tool), "-d", str(folder), *flags], env={**os.environ, "LOG_LEVEL": "CRITICAL"}
    )


def hadolint() -> int:
    """The Dockerfile; accepted rules have their reason beside the line."""
    tool = ROOT / ".venv-gates/bin/hadolint"
    return subprocess.call([str(tool), str(ROOT / "containers/voice/Dockerfile")])


def main() -> int:
    if not list(TEMPLATES.glob("dev/*.template.json")):
        print("gates: the environments have no templates; make synth writes them", file=sys.stderr)
        return 1
    variants.write(TEMPLATES)
    templates = sorted(TEMPLATES.glob("*/*.template.json"))
    failed = [
        name
        for name, status in (
            ("cfn-lint", cfn_lint(templates)),
            ("checkov", checkov(TEMPLATES)),
            ("hadolint", hadolint()),
        )
        if status
    ]
    said = f"{' and '.join(failed)} found faults" if failed else "no finding without a reason"
    print(f"gates: {len(templates)} templates and the Dockerfile, {said}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
