"""The first part of docs/configuration.md: every setting of the stacks, from the models."""

from __future__ import annotations

from types import UnionType
from typing import Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.release import Release, RollbackTo, SlotRelease
from config.settings import Settings

HEAD = """# Configuration

Two parts: what the stacks read, and what the servers read. `make docs` writes this page from the
code.

## The stacks

An environment is a file `config/NAME.yaml`, laid over `config/base.yaml`; `-c env=NAME` chooses it
(`dev` without). An unknown key, a wrong value or a contradiction stops the synth with a sentence.
The prices are monthly list prices of us-east-1.

"""
RELEASE = """
### release

`config/release.yaml` holds this for each environment.

"""
TABLE = "| setting | default | what it sets |\n| --- | --- | --- |\n"


def page() -> str:
    """The page as Markdown, without the servers' part."""
    return HEAD + _sections(Settings) + RELEASE + _release()


def _sections(model: type[BaseModel]) -> str:
    fields = model.model_fields
    text = TABLE + "".join(_row(n, field) for n, field in fields.items() if not _model(field))
    for name, field in fields.items():
        section = _model(field)
        if section is not None:
            text += f"\n### {name}\n\n{field.description}\n\n{TABLE}{_rows(section, '')}"
    return text


def _release() -> str:
    rows = _rows(Release, "")
    return TABLE + rows + _rows(SlotRelease, "slots.SLOT.") + _rows(RollbackTo, "rollback.")


def _rows(model: type[BaseModel], prefix: str) -> str:
    text = ""
    for name, field in model.model_fields.items():
        text += _row(prefix + name, field)
        section = _model(field)
        if section is not None and model is not Release:
            text += _rows(section, f"{prefix}{name}.")
    return text


def _model(field: FieldInfo) -> type[BaseModel] | None:
    union = get_origin(field.annotation) in (Union, UnionType)
    kinds = get_args(field.annotation) if union else (field.annotation,)
    found = [k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)]
    return found[0] if found else None


def _row(name: str, field: FieldInfo) -> str:
    return f"| `{name}` | {_default(field)} | {field.description} |\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if value in (None, (), {}) or isinstance(value, BaseModel):
        return "none"
    if isinstance(value, tuple):
        return "`" + ", ".join(str(part) for part in value) + "`"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


if __name__ == "__main__":
    print(page(), end="")
