"""Settings of one environment: `base.yaml` with `NAME.yaml` laid over it."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from config.alarms import AlarmsSettings
from config.capacity import CapacitySettings
from config.data import (
    ImageSettings,
    JobsSettings,
    KeysSettings,
    ResultsSettings,
    StoreSettings,
)
from config.front_door import FrontDoorSettings
from config.network import NetworkSettings
from config.power import PowerSettings
from config.section import Section
from config.servers import ServersSettings

FOLDER = Path(__file__).parent
NOT_ENVIRONMENTS = {"base", "release"}
NAME = re.compile(r"[a-z][a-z0-9-]{0,19}")
Model = TypeVar("Model", bound=BaseModel)


class ConfigError(ValueError):
    """A file of settings is wrong; the message says which key and what to do."""


class Settings(Section):
    """All settings of one environment."""

    region: str = Field(
        "us-east-1", pattern=r"^[a-z]{2}(-[a-z]+)+-\d$", description="AWS region of the stack."
    )
    account: str | None = Field(
        None,
        pattern=r"^\d{12}$",
        description="Account id; a deploy into another one is refused. Needs `network.zones` or "
        "`network.existing`. None: the account of your credentials.",
    )
    retain_data: bool = Field(
        True,
        description="Whether keys, stored results, logs and images stay when the stack is "
        "destroyed.",
    )
    deletion_protection: bool = Field(
        False, description="Whether AWS refuses to delete the stacks and the load balancer."
    )
    network: NetworkSettings = Field(NetworkSettings(), description="Where it lives.")
    capacity: CapacitySettings = Field(CapacitySettings(), description="The GPU of a slot.")
    servers: ServersSettings = Field(ServersSettings(), description="The container of a slot.")
    image: ImageSettings = Field(ImageSettings(), description="The container image.")
    front_door: FrontDoorSettings = Field(description="The load balancer.")
    keys: KeysSettings = Field(KeysSettings(), description="API keys.")
    results: ResultsSettings = Field(ResultsSettings(), description="Results stored for callers.")
    jobs: JobsSettings = Field(JobsSettings(), description="Jobs: calls that nobody waits for.")
    store: StoreSettings = Field(StoreSettings(), description="The audio store.")
    alarms: AlarmsSettings = Field(AlarmsSettings(), description="Alarms.")
    power: PowerSettings = Field(PowerSettings(), description="When the GPU is on.")

    @model_validator(mode="after")
    def _parts_agree(self) -> Settings:
        existing, door = self.network.existing, self.front_door
        if existing and not door.internal and not existing.public_subnet_ids:
            raise ValueError(
                "network.existing.public_subnet_ids: a load balancer on the internet needs them; "
                "or set front_door.internal"
            )
        if door.certificate_arn and door.certificate_arn.split(":")[3] != self.region:
            raise ValueError(
                f"front_door.certificate_arn: it must be a certificate of {self.region}"
            )
        if self.capacity.warm_pool and self.network.egress == "endpoints":
            raise ValueError(
                "capacity.warm_pool: a parked instance reports to Auto Scaling, which egress "
                "`endpoints` does not reach; use `public` or `nat`"
            )
        if self.servers.callback_hosts and self.network.egress == "endpoints":
            raise ValueError(
                "servers.callback_hosts: egress `endpoints` reaches none of them; use `public` or "
                "`nat`, or have callers ask for their jobs"
            )
        if self.power.start_deadline_minutes < self.servers.start_minutes:
            raise ValueError(
                f"power.start_deadline_minutes: {self.power.start_deadline_minutes:g} would end a "
                f"start that servers.start_minutes, {self.servers.start_minutes}, still allows; "
                "make it longer"
            )
        return self

    @model_validator(mode="after")
    def _zones_known(self) -> Settings:
        if self.account and not self.network.zones and not self.network.existing:
            raise ValueError(
                "network.zones: name them where account is set, so that a synth needs no "
                "credentials to look them up"
            )
        return self


def environments() -> list[str]:
    """Names of all environments that have a file."""
    return sorted(f.stem for f in FOLDER.glob("*.yaml") if f.stem not in NOT_ENVIRONMENTS)


def load_settings(name: str) -> Settings:
    """Settings of the environment. Raises ConfigError."""
    known = environments()
    if not NAME.fullmatch(name) or name not in known:
        raise ConfigError(
            f"There is no environment {name!r}. Use one of {', '.join(known)} (-c env=NAME), or "
            f"write config/{name}.yaml."
        )
    merged = overlay(read_yaml(FOLDER / "base.yaml"), read_yaml(FOLDER / f"{name}.yaml"))
    return validated(Settings, merged, f"config/{name}.yaml with config/base.yaml")


def read_yaml(file: Path) -> dict[str, Any]:
    """The mapping in a file; an empty file is an empty one. Raises ConfigError."""
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise ConfigError(f"{file.name} does not exist in the folder {file.parent.name}.") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{file.name} is not valid YAML: {error}") from None
    if not isinstance(found, dict):
        raise ConfigError(f"{file.name} must hold keys and values.")
    return found


def overlay(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """`above` wins; sections are merged key by key, lists are replaced."""
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        both = isinstance(value, dict) and isinstance(under, dict)
        merged[key] = overlay(under, value) if both else value  # type: ignore[arg-type]
    return merged


def validated(model: type[Model], value: object, where: str) -> Model:
    """`value` as that model. Raises ConfigError with a line for each fault."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        parts = error.errors()
        # A list whose only entry is wrong is not too short as well.
        inside = {part["loc"][:-1] for part in parts}
        told = [p for p in parts if not (p["type"] == "too_short" and p["loc"] in inside)]
        faults = [_say(model, part["loc"], part["type"], part["msg"]) for part in told]
        raise ConfigError(f"{where}:\n  " + "\n  ".join(faults)) from None


def _say(model: type[BaseModel], loc: tuple[int | str, ...], kind: str, message: str) -> str:
    path = ".".join(str(part) for part in loc)
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(loc[-1]), _fields(model, loc[:-1]), n=1)
        hint = f" Did you mean {near[0]}?" if near else " docs/configuration.md lists them."
        return f"{path} is not a setting.{hint}"
    if kind == "string_pattern_mismatch":
        return f"{path}: has not the right form. It is: {_description(model, loc)}"
    text = message.removeprefix("Value error, ")
    return f"{path}: {text}." if path else f"{text}."


def _description(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    names = [str(part) for part in loc if isinstance(part, str)]
    field = _model_at(model, loc[: loc.index(names[-1])]).model_fields[names[-1]]
    return field.description or names[-1]


def _fields(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    return list(_model_at(model, loc).model_fields)


def _model_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> type[BaseModel]:
    for part in loc:
        field = model.model_fields.get(str(part))
        if field is None:
            continue
        kinds = [field.annotation, *get_args(field.annotation)]
        nested = [k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)]
        model = nested[0] if nested else model
    return model
