"""What is refused below `/v1`, in the shape that OpenAI's clients read."""

from __future__ import annotations

import json
from dataclasses import replace

from power.alb import Answer
from power.rules import SERVERS


def of_openai(path: str) -> bool:
    """Whether this is a call of a server's OpenAI-compatible part."""
    server, _, rest = path.strip("/").partition("/")
    return server in SERVERS and rest.partition("/")[0] == "v1"


def as_openai(answer: Answer) -> Answer:
    """A refusal with its sentence in `error.message`; what else it says stays beside that."""
    body = json.loads(answer.body)
    error = {
        "message": body["error"],
        "type": "server_error" if answer.status >= 500 else "invalid_request_error",
        "param": None,
        "code": "invalid_api_key" if answer.status == 401 else None,
    }
    text = json.dumps({**body, "error": error}, separators=(",", ":"))
    return replace(answer, body=text + "\n")
