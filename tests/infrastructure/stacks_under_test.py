"""The stacks as `cdk deploy` would make them, for settings of a test's choice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from config.release import Release
from config.settings import FOLDER, Settings, overlay, read_yaml
from stacks.assembly import build

ROOT = Path(__file__).parents[2]
RELEASE = {"active": "blue", "slots": {"blue": {"tag": "v1"}, "green": {"tag": "v1"}}}

Resource = dict[str, Any]


@dataclass(frozen=True)
class Stacks:
    """The template of each stack."""

    network: dict[str, Any]
    service: dict[str, Any]
    operations: dict[str, Any]
    power: dict[str, Any]

    def of(self, kind: str, *, stack: str = "service", path: str = "") -> dict[str, Resource]:
        """Resources of a type by logical id; `path` is part of their construct path."""
        return {
            name: resource
            for name, resource in getattr(self, stack)["Resources"].items()
            if resource["Type"] == kind
            and path in resource.get("Metadata", {}).get("aws:cdk:path", "")
        }

    def one(self, kind: str, *, stack: str = "service", path: str = "") -> Any:
        """The properties of the only such resource."""
        found = self.of(kind, stack=stack, path=path)
        assert len(found) == 1, (kind, path, list(found))
        return next(iter(found.values())).get("Properties", {})


def settings(changes: dict[str, Any] | None = None) -> Settings:
    """Those of dev with changes laid over."""
    merged = overlay(read_yaml(FOLDER / "base.yaml"), read_yaml(FOLDER / "dev.yaml"))
    return Settings.model_validate(overlay(merged, changes or {}))


def release(changes: dict[str, Any] | None = None) -> Release:
    return Release.model_validate(overlay(RELEASE, changes or {}))


def stacks(
    changes: dict[str, Any] | None = None,
    released: dict[str, Any] | None = None,
    *,
    first_deploy: bool = False,
) -> Stacks:
    """Synthesized with the flags of cdk.json and of the CLI, which `cdk.App()` alone lacks."""
    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    app = cdk.App(context={**context, "aws:cdk:enable-path-metadata": True})
    build(app, "dev", settings(changes), release(released), first_deploy=first_deploy)
    made = app.synth()
    found = {stack.stack_name: stack.template for stack in made.stacks}
    parts = ("Network", "Service", "Operations", "Power")
    return Stacks(*(found.get(f"GpuVoice-dev-{part}", {"Resources": {}}) for part in parts))
