"""`release.yaml`: which slot is live and which image each slot runs, for each environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, model_validator

from config.capacity import CapacitySettings
from config.section import Section
from config.servers import ServersSettings
from config.settings import FOLDER, ConfigError, Settings, overlay, read_yaml, validated

SlotName = Literal["blue", "green"]
SLOTS: tuple[SlotName, SlotName] = ("blue", "green")
TAG = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"
Tag = Annotated[str, Field(pattern=TAG)]
OVERRIDES = ("capacity", "servers")
HEAD = """\
# Which slot answers callers, and the image tag of each slot. `make release`, `make swap` and
# `make rollback` edit this file; a deploy makes it so. docs/configuration.md describes each key.
"""


class SlotRelease(Section):
    tag: Tag = Field(description="Image tag that this slot runs.")
    settings: dict[str, Any] = Field(
        {},
        description="Settings of this slot alone, under `capacity` and `servers`: laid over the "
        "environment's, to try a change on the idle slot before it goes live.",
    )


class RollbackTo(Section):
    slot: SlotName = Field(description="The slot that was live before.")
    tag: Tag = Field(description="The tag that it ran.")


class Release(Section):
    """The release state of one environment."""

    active: SlotName = Field(description="The slot that answers callers.")
    trial_percent: int = Field(
        0,
        ge=0,
        le=50,
        description="Share of calls sent to the idle slot, in percent. While it sleeps "
        "they go to the active one.",
    )
    slots: dict[SlotName, SlotRelease] = Field(
        description="`tag` and `settings` of blue and green."
    )
    rollback: RollbackTo | None = Field(
        None, description="Where `make rollback` leads; `make swap` writes it."
    )

    @model_validator(mode="after")
    def _both(self) -> Release:
        missing = [slot for slot in SLOTS if slot not in self.slots]
        if missing:
            raise ValueError(f"slots.{missing[0]}: is missing; both slots need a tag")
        return self

    @property
    def idle(self) -> SlotName:
        return other(self.active)

    def weight(self, slot: SlotName) -> int:
        """Share of calls that the slot gets, in percent."""
        return 100 - self.trial_percent if slot == self.active else self.trial_percent

    def slot_settings(self, slot: SlotName, settings: Settings) -> Settings:
        """The environment's settings with the slot's own laid over. Raises ConfigError."""
        own = self.slots[slot].settings
        where = f"release.yaml, slots.{slot}.settings"
        wrong = [key for key in own if key not in OVERRIDES]
        if wrong:
            raise ConfigError(
                f"{where}: {wrong[0]} cannot differ between slots; only {' and '.join(OVERRIDES)} "
                "can."
            )
        parts: dict[str, Any] = {}
        for key, model in (("capacity", CapacitySettings), ("servers", ServersSettings)):
            below = getattr(settings, key).model_dump(mode="json")
            merged = overlay(below, own.get(key) or {})
            parts[key] = validated(model, merged, f"{where}.{key}").model_dump(mode="json")
        return validated(Settings, {**settings.model_dump(mode="json"), **parts}, where)


def other(slot: SlotName) -> SlotName:
    return "green" if slot == "blue" else "blue"


def release_file() -> Path:
    """The file in use: `GPUVOICE_RELEASE_FILE`, or the one beside this module."""
    return Path(os.environ.get("GPUVOICE_RELEASE_FILE", FOLDER / "release.yaml"))


def load_release(environment: str) -> Release:
    """The environment's release state. Raises ConfigError."""
    file = release_file()
    found = read_yaml(file)
    if environment not in found:
        raise ConfigError(
            f"{file.name} says nothing of {environment}. Add it, as it is written for "
            f"{next(iter(found), 'dev')}."
        )
    return validated(Release, found[environment], f"{file.name}, {environment}")


def save_release(environment: str, release: Release) -> None:
    """Write the environment's state; the others stay as they are."""
    file = release_file()
    found = read_yaml(file)
    found[environment] = release.model_dump(mode="json", exclude_defaults=True)
    text = yaml.safe_dump(found, sort_keys=False, width=100)
    written = file.with_suffix(".new")
    written.write_text(HEAD + text, encoding="utf-8")
    written.replace(file)
