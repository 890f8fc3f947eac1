"""JSON Schema as rows of a table: field, type, meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Row = tuple[str, str, bool, str]


def shape_rows(schemas: Mapping[str, Any], name: str) -> list[Row]:
    """(field, type, whether required, description) of a named object schema."""
    schema = schemas[name]
    required = schema.get("required", [])
    return [
        (field, type_name(part), field in required, part.get("description", ""))
        for field, part in schema.get("properties", {}).items()
    ]


def nested(schemas: Mapping[str, Any], name: str) -> list[str]:
    """Names of the object schemas that a schema refers to, itself left out, each once."""
    found: list[str] = []

    def look(node: Any) -> None:
        if isinstance(node, Mapping):
            target = str(node.get("$ref", "")).rsplit("/", 1)[-1]
            if target and target not in found:
                found.append(target)
                look(schemas[target])
            for part in node.values():
                look(part)
        elif isinstance(node, list):
            for part in node:
                look(part)

    look(schemas[name])
    return found


def type_name(schema: Mapping[str, Any]) -> str:
    """A short name: `list of string`, `number or null`, `AlignedWord`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1].removesuffix("Body")
    if schema.get("format") == "binary":
        return "file"
    if "const" in schema:
        return (
            repr(schema["const"]).lower()
            if schema["const"] in (True, False)
            else repr(schema["const"])
        )
    if "enum" in schema:
        return " or ".join(repr(value) for value in schema["enum"])
    for union in ("anyOf", "oneOf"):
        if union in schema:
            parts = [type_name(part) if part else "anything" for part in schema[union]]
            return " or ".join(dict.fromkeys(" or ".join(parts).split(" or ")))
    if schema.get("type") == "array":
        return f"list of {type_name(schema.get('items', {}))}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"map of {type_name(schema['additionalProperties'])}"
    return str(schema.get("type", "anything"))
