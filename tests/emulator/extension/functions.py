"""Lambda: functions in templates keep their VPC and dead-letter queue, and see their own
environment alone."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from tests.emulator.extension.registry import Created, Properties, handler, replace

FUNCTION = "AWS::Lambda::Function"
# What a function has of the emulator's environment: where it runs, and how it finds this cloud.
SHARED = {
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "NO_PROXY",
    "no_proxy",
}


def install() -> None:
    lambda_runtime.subprocess = SimpleNamespace(
        **{name: getattr(subprocess, name) for name in ("PIPE", "DEVNULL", "STDOUT")},
        Popen=_start,
        TimeoutExpired=subprocess.TimeoutExpired,
    )
    create, update = handler(FUNCTION, "create"), handler(FUNCTION, "update")

    def created(logical_id: str, properties: Properties, stack: str) -> Created:
        name, attributes = create(logical_id, properties, stack)
        _keep(name, properties)
        return name, attributes

    def updated(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> Created:
        name, attributes = update(physical_id, old, new, stack, logical_id)
        _keep(name, new)
        return name, attributes

    replace(FUNCTION, create=created, update=updated)


def _keep(name: str, properties: Properties) -> None:
    """MiniStack drops both."""
    configuration = lambda_svc._functions[name]["config"]
    placed = properties.get("VpcConfig")
    configuration["VpcConfig"] = lambda_svc._vpc_config_with_id(placed)
    letters = properties.get("DeadLetterConfig") or {}
    configuration.pop("DeadLetterConfig", None)
    if letters.get("TargetArn"):
        configuration["DeadLetterConfig"] = {"TargetArn": letters["TargetArn"]}


def _start(command: Any, *, env: Mapping[str, str], **rest: Any) -> subprocess.Popen[Any]:
    """MiniStack hands its own environment on: import paths, settings and all."""
    own = {
        name: value
        for name, value in env.items()
        if name in SHARED or os.environ.get(name) != value
    }
    return subprocess.Popen(command, env={**own, "TZ": "UTC"}, **rest)
