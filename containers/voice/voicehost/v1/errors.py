"""What went wrong, in the shape that OpenAI's clients read; on `/v1` alone.

Source: https://platform.openai.com/docs/guides/error-codes
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, Field

from voicehost.errors import Unauthorized, UnknownModel

PREFIX = "/v1"
# A message about one field begins with its name, and its place where it is a list.
_FIELD = re.compile(r"([a-z_]+)(\[[0-9]*\])*: ")
_CODES = {Unauthorized: "invalid_api_key", UnknownModel: "model_not_found"}


class OpenAiError(BaseModel):
    message: str = Field(description="For a person.")
    type: Literal["invalid_request_error", "requests", "server_error"]
    param: str | None = Field(description="The field that has to be changed, where there is one.")
    code: str | None = Field(
        description="`invalid_api_key`, `model_not_found` or `rate_limit_exceeded`, or none."
    )


class OpenAiFailure(BaseModel):
    """What went wrong, as OpenAI's clients read it."""

    error: OpenAiError
    success: Literal[False]


def speaks_openai(path: str) -> bool:
    """Whether a path, without the server's own prefix, is one that OpenAI's clients call."""
    return path == PREFIX or path.startswith(PREFIX + "/")


def openai_body(message: str, status: int, error: Exception) -> dict[str, Any]:
    """The body of an answer with this status."""
    field = _FIELD.match(message)
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), None)
    failure = OpenAiError(
        message=message,
        type=_type(status),
        param=field[1] if field and status < 500 else None,
        code="rate_limit_exceeded" if status == 429 else code,
    )
    return OpenAiFailure(error=failure, success=False).model_dump()


def _type(status: int) -> Literal["invalid_request_error", "requests", "server_error"]:
    if status == 429:
        return "requests"
    return "invalid_request_error" if status < 500 else "server_error"
