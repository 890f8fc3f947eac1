"""The npm packages of the tests: pinned, and from whatever registry a machine uses."""

from __future__ import annotations

import json
import re

from tests.e2e.conftest import ROOT


def test_every_package_asked_for_is_pinned() -> None:
    asked = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    for name, version in asked["devDependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    for name, entry in packages.items():
        assert "resolved" not in entry, name
        assert entry["integrity"].startswith("sha512-"), name
