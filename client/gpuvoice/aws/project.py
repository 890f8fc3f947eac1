"""The project's own files, where the command runs inside a checkout of it: region, instance types,
the release file. Read as they are written; `make` and `cdk` check them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gpuvoice.errors import ConfigError, MissingExtra

SLOTS = ("blue", "green")
INSTANCE_TYPES, PURCHASE, REPOSITORY = ("g4dn.xlarge",), "on_demand", "gpu-voice"


@dataclass(frozen=True)
class Release:
    """What release.yaml says of an environment."""

    active: str
    trial_percent: int
    tags: Mapping[str, str]

    def weight(self, slot: str) -> int:
        """Share of calls that the slot should get, in percent."""
        return 100 - self.trial_percent if slot == self.active else self.trial_percent


@dataclass(frozen=True)
class Project:
    """An environment's settings; those that no file names are the stack's defaults. `folder` is
    None outside a checkout."""

    environment: str
    folder: Path | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    release: Release | None = None

    @property
    def instance_types(self) -> tuple[str, ...]:
        return tuple(self._capacity.get("instance_types") or INSTANCE_TYPES)

    @property
    def purchase(self) -> str:
        """`on_demand` or `spot`."""
        return str(self._capacity.get("purchase") or PURCHASE)

    @property
    def repository(self) -> str:
        return str((self.settings.get("image") or {}).get("repository") or REPOSITORY)

    @property
    def _capacity(self) -> Mapping[str, Any]:
        return self.settings.get("capacity") or {}

    @property
    def region(self) -> str | None:
        """None where no file names one: that of the AWS profile."""
        told = self.settings.get("region")
        return str(told) if told else None

    def record(self) -> list[str] | None:
        """The slots that got calls at the last `make deploy` from here, the larger share first."""
        if self.folder is None:
            return None
        file = self.folder / "deployed" / f"{self.environment}.json"
        try:
            live = json.loads(file.read_text(encoding="utf-8"))["live"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return [str(slot) for slot in live]


def find_project(environment: str, folder: Path | None = None) -> Project:
    """From `config/` in the folder or above it. Raises ConfigError for files that cannot be read,
    MissingExtra where their reader is missing."""
    here = (folder or Path.cwd()).resolve()
    found = next(
        (place / "config" for place in (here, *here.parents)
         if (place / "config/base.yaml").is_file()),
        None,
    )  # fmt: skip
    if found is None:
        return Project(environment)
    settings = _overlay(_read(found / "base.yaml"), _read(found / f"{environment}.yaml"))
    release = _read(found / "release.yaml").get(environment)
    return Project(environment, found, settings, _release(release) if release else None)


def _release(found: Any) -> Release:
    try:
        tags = {slot: str(found["slots"][slot]["tag"]) for slot in SLOTS}
        return Release(str(found["active"]), int(found.get("trial_percent") or 0), tags)
    except (KeyError, TypeError, ValueError):
        raise ConfigError(
            "config/release.yaml lacks the active slot or a tag. `make diff` says what is wrong."
        ) from None


def _read(file: Path) -> dict[str, Any]:
    """The mapping in a file; a missing one is empty."""
    try:
        import yaml
    except ImportError:
        raise MissingExtra("aws", "Reading config/") from None
    if not file.is_file():
        return {}
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise ConfigError(f"config/{file.name} is not valid YAML. Mend it.") from None
    return found if isinstance(found, dict) else {}


def _overlay(below: dict[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` wins; sections are merged, lists replaced."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        both = isinstance(value, dict) and isinstance(under, dict)
        merged[key] = _overlay(under, value) if both else value  # type: ignore[arg-type]
    return merged
