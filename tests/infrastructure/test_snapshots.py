"""What a change does to the templates of dev, in full: one file for each stack.

After a change that is meant: `UPDATE_SNAPSHOTS=yes make test`, and review the files' diff.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.infrastructure.stacks_under_test import Stacks

FOLDER = Path(__file__).parent / "snapshots"
ASSET = re.compile(r"[0-9a-f]{64}")


@pytest.mark.parametrize("part", ["network", "service", "power", "operations"])
def test_the_template_is_the_one_reviewed(dev: Stacks, part: str) -> None:
    file = FOLDER / f"{part}.json"
    text = json.dumps(getattr(dev, part), indent=1, sort_keys=True) + "\n"
    scrubbed = ASSET.sub("ASSET", text)
    if os.environ.get("UPDATE_SNAPSHOTS") == "yes":
        file.write_text(scrubbed, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == scrubbed
