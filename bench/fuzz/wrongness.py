"""Whether a request that was made to be wrong is wrong in a way that a server must refuse."""

from __future__ import annotations

import math
from typing import Any

import jsonschema_rs
import schemathesis
from schemathesis.core.parameters import ParameterLocation

FORM = "multipart/form-data"


def is_wrong(case: schemathesis.Case[Any]) -> bool:
    """True for a wrong body and for a wrong or missing header that the document names.

    Headers that it does not name, and keys for a server that asks for none, are nobody's fault.
    """
    meta = case.meta
    if meta is None:
        return False
    if case.media_type == FORM:
        # All values of a form are texts, and other fields than the document's are taken.
        body = case.body if isinstance(case.body, dict) else {}
        return not {"file", "model"} <= set(body)
    if any(meta.is_negative_at(at) for at in ParameterLocation if at != ParameterLocation.HEADER):
        return True
    return any(
        _is_wrong_header(parameter.definition, case.headers.get(parameter.name))
        for parameter in case.operation.headers
        if "schema" in parameter.definition
    )


def _is_wrong_header(definition: dict[str, Any], value: object) -> bool:
    if value is None:
        return bool(definition.get("required", False))
    schema = definition["schema"]
    read: object = str(value)
    if schema.get("type") == "number":
        try:
            read = float(str(value))
        except ValueError:
            return True
        if not math.isfinite(read):
            return True
    return not jsonschema_rs.is_valid(schema, read)
