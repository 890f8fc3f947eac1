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


def type_name(schema: Mapping[str, Any]) -> str:
    """A short name: `list of string`, `number or null`, `AlignedWord`."""
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1].removesuffix("Body")
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
            return " or ".join(type_name(part) if part else "anything" for part in schema[union])
    if schema.get("type") == "array":
        return f"list of {type_name(schema.get('items', {}))}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"map of {type_name(schema['additionalProperties'])}"
    return str(schema.get("type", "anything"))
