"""GPU Voice on AWS: an environment's name, its settings, its stacks."""

from __future__ import annotations

import sys

import aws_cdk as cdk

from config.release import load_release
from config.settings import ConfigError, load_settings
from stacks import guard
from stacks.assembly import build, warn_without_record


def main() -> None:
    app = cdk.App()
    environment = str(app.node.try_get_context("env"))
    settings, release = load_settings(environment), load_release(environment)
    record = guard.read_record(environment)
    first = app.node.try_get_context("first") == "yes"
    service = build(app, environment, settings, release, first_deploy=first)
    if record is None and not first:
        warn_without_record(service, environment)
    template = app.synth().get_stack_by_name(service.stack_name).template
    try:
        guard.check(environment, record, template)
    except guard.ActiveSlotChange as change:
        if app.node.try_get_context("force") != guard.FORCE:
            raise
        print(f"Note: {change}", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except (ConfigError, guard.ActiveSlotChange) as refusal:
        sys.exit(f"Refused: {refusal}")
