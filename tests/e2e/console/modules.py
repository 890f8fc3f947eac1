"""A function of one of the console's own modules, run by Node."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.e2e.conftest import ROOT

FOLDER = ROOT / "client" / "gpuvoice" / "console"
SCRIPT = """
const [module, name, given] = JSON.parse(process.argv[1]);
console.log(JSON.stringify((await import(module))[name](...given)));
"""


def run(node: str, module: str, name: str, *given: Any) -> Any:
    """What it returns, as JSON."""
    told = json.dumps([(FOLDER / module).as_uri(), name, given])
    command = [node, "--input-type=module", "--eval", SCRIPT, told]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
