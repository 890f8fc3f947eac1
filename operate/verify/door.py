"""The idle slot as a caller reaches it: the front door, with the staging header and a key."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from config.release import SlotName
from operate.failures import CommandError
from stacks.names import SLOT_HEADER

# A server that works sends a sign of life each 15 seconds.
SILENCE_SECONDS = 90
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Unreachable(CommandError):
    """Nobody answered."""


@dataclass(frozen=True, slots=True)
class Answer:
    """`slot` is the one that says it answered; `body` an object, empty for anything else."""

    status: int
    slot: str
    body: Mapping[str, Any]


class SlotDoor:
    """Calls to one slot. Errors are CommandErrors; the key is in no message."""

    def __init__(self, url: str, key: str, slot: SlotName) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise CommandError(f"{url} is not https; a key is not sent there.")
        self.slot = slot
        self._url = url.rstrip("/")
        # What the slots share in their store says nothing about this one.
        self._headers = {
            "X-API-Key": key,
            SLOT_HEADER: "idle",
            "Content-Type": "application/json",
            "Cache-Control": "no-store",
        }

    def get(self, path: str) -> Answer:
        """Any answer. Raises Unreachable when nobody gives one."""
        return self._ask(path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Any answer. Raises Unreachable when nobody gives one."""
        return self._ask(path, json.dumps(body).encode())

    def result(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The body of a success of this very slot. Raises CommandError for everything else."""
        answer = self.post(path, body)
        if answer.status != 200 or answer.body.get("success") is not True:
            raise CommandError(f"{path} answers {answer.status}: {said(answer)}")
        self.check_slot(path, answer)
        return answer.body

    def check_slot(self, path: str, answer: Answer) -> None:
        """Raise CommandError when another slot answered."""
        if answer.slot != self.slot:
            raise CommandError(
                f"{path} under the header {SLOT_HEADER}: idle was answered by "
                f"{answer.slot or 'no slot'} and not by {self.slot}. Is the last deploy done?"
            )

    def _ask(self, path: str, data: bytes | None) -> Answer:
        # A request with data is a POST. The scheme is checked above.
        request = urllib.request.Request(self._url + path, data, self._headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=SILENCE_SECONDS) as response:  # noqa: S310
                return _answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, error.headers, error.read())
        except (OSError, ValueError) as error:
            raise Unreachable(f"{self._url} cannot be reached: {error}") from None


def said(answer: Answer) -> str:
    """What an answer says for a person, in one line."""
    return str(answer.body.get("error") or "nothing that could be read")[:300]


def _answer(status: int, headers: Any, data: bytes) -> Answer:
    try:
        body = json.loads(data)
    except ValueError:
        body = {}
    return Answer(status, headers.get(SLOT_HEADER, ""), body if isinstance(body, dict) else {})
