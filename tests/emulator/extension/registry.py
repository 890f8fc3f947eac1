"""CloudFormation types by name: how MiniStack creates, updates and deletes each."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services.cloudformation import provisioners

Properties = Mapping[str, Any]
Created = tuple[str, dict[str, Any]]


def define(
    kind: str,
    *,
    create: Callable[[str, Properties, str], Created],
    delete: Callable[[str, Properties], object],
    update: Callable[[str, Properties, Properties, str, str], Created] | None = None,
) -> None:
    """`create(logical id, properties, stack)`, `update(physical id, old, new, stack, logical id)`
    and `delete(physical id, properties)`. Without `update`, a change makes a new resource."""
    provisioners._RESOURCE_HANDLERS[kind] = {
        "create": create,
        "update": update or _replacement(create, delete),
        "delete": delete,
        "update_with_logical_id": True,
    }


def handler(kind: str, step: str) -> Callable[..., Any]:
    """What MiniStack itself does; called as it calls it."""
    found: Callable[..., Any] = provisioners._RESOURCE_HANDLERS[kind][step]
    return found


def replace(kind: str, **steps: Callable[..., Any]) -> None:
    """Put other steps in the place of MiniStack's, and keep the rest; `update` takes a logical id
    as in `define`."""
    named = {"update_with_logical_id": True} if "update" in steps else {}
    kept = provisioners._RESOURCE_HANDLERS[kind]
    provisioners._RESOURCE_HANDLERS[kind] = {**kept, **steps, **named}


def physical_name(stack: str, logical_id: str, longest: int = 255) -> str:
    """The name that CloudFormation gives to a resource without one."""
    found: str = provisioners._physical_name(stack, logical_id, max_len=longest)
    return found


def camel(value: Any) -> Any:
    """CloudFormation's `LikeThis` as the API's `likeThis`, at every depth."""
    return provisioners._pascal_to_camel(value)


def answer(response: tuple[int, Mapping[str, str], Any]) -> dict[str, Any]:
    """The body of a MiniStack answer; its refusal fails the stack, as an API's does."""
    status, _, body = response
    text = body.decode() if isinstance(body, bytes) else str(body)
    if status >= 400:
        raise ValueError(text)
    try:
        found = json.loads(text)
    except ValueError:  # the query services answer in XML
        return {}
    return found if isinstance(found, dict) else {}


def query(**values: str) -> dict[str, list[str]]:
    """Parameters as the query services of MiniStack take them. `__` stands for a dot."""
    return {name.replace("__", "."): [value] for name, value in values.items()}


def _replacement(
    create: Callable[[str, Properties, str], Created], delete: Callable[[str, Properties], object]
) -> Callable[[str, Properties, Properties, str, str], Created]:
    def update(
        physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str
    ) -> Created:
        created = create(logical_id, new, stack)
        if created[0] != physical_id:
            provisioners._delete_predecessor(delete, physical_id, old)
        return created

    return update
