"""ECS: every part of a container in a template reads back as the API spells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ministack.services.cloudformation import provisioners

from tests.emulator.extension.registry import camel

# Maps whose keys are the user's own words.
OWN_KEYS = {"dockerLabels", "options"}
_normalize = provisioners._normalize_container_defs


def install() -> None:
    provisioners._normalize_container_defs = _normalized


def _normalized(definitions: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """MiniStack leaves Secrets, ResourceRequirements, HealthCheck and others in PascalCase."""
    found: list[dict[str, Any]] = _normalize(definitions)
    return [{name: _spelt(name, part) for name, part in one.items()} for one in found]


def _spelt(name: str, part: Any) -> Any:
    if name in OWN_KEYS:
        return part
    if isinstance(part, dict):
        return {_first(key): _spelt(_first(key), value) for key, value in part.items()}
    return camel(part)


def _first(key: str) -> str:
    return key[:1].lower() + key[1:]
