"""JSON bodies, and what is wrong with them in a sentence that names the field."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from power.alb import Request
from power.answers import Refused

MIB = 1024 * 1024
# Whoever sends more parts than any honest body has shall not keep the parser busy.
MOST_PARTS = 300_000
MOST_REASON = 200


def read_json(request: Request) -> Any:
    """Any JSON. Raises Refused as the servers would."""
    headers, body = request.headers, request.body
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415, "Compressed bodies are not read. Send plain JSON.")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind[:12] == "application/" and kind[-5:] == "+json"):
        raise Refused(415, "Send JSON, with the header Content-Type: application/json.")
    if len(body) > MIB:
        raise Refused(413, "The body is larger than 1 MiB. Send fewer or shorter items at a time.")
    if body.count(b",") + body.count(b"[") + body.count(b"{") > MOST_PARTS:
        raise Refused(413, "The body has too many parts. Send fewer items at a time.")
    try:
        return json.loads(body.decode())
    except UnicodeDecodeError:
        why = "it is not UTF-8"
    except json.JSONDecodeError as error:
        why = f"{error.msg.lower()} at line {error.lineno} column {error.colno}"
    except (ValueError, RecursionError):
        why = "it cannot be parsed"
    raise Refused(400, f"The body is not valid JSON: {why}.")


def read_fields(request: Request, known: Sequence[str]) -> dict[str, Any]:
    """An object with these fields and no other; without a body it has none. Raises Refused."""
    if not request.body.strip():
        return {}
    found = read_json(request)
    if not isinstance(found, dict):
        raise Refused(400, "The body: must be a JSON object.")
    for name in found:
        if name not in known:
            raise Refused(400, f"{_short(name)}: is no field of this call; {_list(known)} are.")
    return found


def flag(fields: dict[str, Any], name: str) -> bool:
    value = fields.get(name, False)
    if not isinstance(value, bool):
        raise Refused(400, f"{name}: must be true or false.")
    return value


def choice(fields: dict[str, Any], name: str, options: Sequence[str]) -> str:
    """One of the options; the first when it is missing."""
    value = fields.get(name, options[0])
    if not isinstance(value, str) or value not in options:
        raise Refused(400, f"{name}: must be one of {', '.join(options)}.")
    return value


def reason(fields: dict[str, Any], default: str | None = None) -> str:
    """A short text; needed where there is no default."""
    value = fields.get("reason", default)
    if not isinstance(value, str) or not value.strip():
        raise Refused(400, "reason: must be a short text that says what the GPU is needed for.")
    if len(value) > MOST_REASON:
        raise Refused(400, f"reason: has {len(value)} characters; {MOST_REASON} are the most.")
    if not value.isprintable():
        raise Refused(400, "reason: has characters that cannot be shown.")
    return value.strip()


def hours(fields: dict[str, Any], most: float) -> float:
    """Of `hours` or `minutes`, in hours."""
    given = [name for name in ("hours", "minutes") if name in fields]
    if len(given) != 1:
        raise Refused(400, "Say how long: send one of hours and minutes.")
    value, most_value = fields[given[0]], most if given[0] == "hours" else most * 60
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 < value <= most_value:
        raise Refused(400, f"{given[0]}: must be a number above 0 and at most {most_value:g}.")
    return float(value) if given[0] == "hours" else value / 60


def _short(name: str) -> str:
    return name[:40] if name.isprintable() else "A name that cannot be shown"


def _list(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
