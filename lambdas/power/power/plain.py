"""Frozen dataclasses as JSON values and back, by their type hints.

What an older or newer version wrote may have other fields: unknown ones are passed over, missing
ones take their default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Made = TypeVar("Made")


def to_plain(value: object) -> Any:
    """Dataclasses as objects, tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(each) for each in value]
    return value


def from_plain(kind: type[Made], document: object) -> Made:
    """Raises ValueError for a document that is nothing of this kind."""
    found = _checked(document, isinstance(document, Mapping))
    hints = _hints(cast("Any", kind))
    given = {name: _value(hint, found[name]) for name, hint in hints.items() if name in found}
    try:
        return kind(**given)
    except TypeError:
        raise ValueError(f"a field of {kind.__name__} is missing") from None


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _value(hint: Any, value: Any) -> Any:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Literal:
        return _checked(value, value in parts)
    if origin in (Union, UnionType):
        (inner,) = (part for part in parts if part is not NoneType)
        return None if value is None else _value(inner, value)
    if origin is tuple:
        return tuple(_value(parts[0], each) for each in _checked(value, isinstance(value, list)))
    if origin is not None:
        found = _checked(value, isinstance(value, Mapping))
        return {key: _value(parts[1], each) for key, each in found.items()}
    if is_dataclass(hint):
        return from_plain(cast("type[Any]", hint), value)
    # JSON has one kind of number; a boolean is none.
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return _checked(value, number if hint in (int, float) else isinstance(value, hint))


def _checked(value: Any, fits: bool) -> Any:
    if not fits:
        raise ValueError("a value is of another type than its field")
    return value
