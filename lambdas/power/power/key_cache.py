"""The keys as they were fetched last, from the two secrets."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from power.aws.quick import quick
from power.keys import Key, WrongSecret, find, named_keys, service_key

log = logging.getLogger()

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"
# An unknown key may be a new one; whoever tries keys must not have the secrets fetched each time.
EARLY_SECONDS = 30.0
# Nobody can be let in meanwhile.
FIRST_SECONDS = 3.0
FAILURES = (ClientError, BotoCoreError, WrongSecret)


class NoKeys(Exception):
    """The keys have not been fetched once: nobody can be told apart."""


class KeyCache:
    """A secret that cannot be fetched keeps the keys that it gave last."""

    def __init__(
        self,
        named: str,
        service: str,
        *,
        minutes: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._sources: dict[str, Callable[[str], tuple[Key, ...]]] = {
            named: _fetch_named,
            service: _fetch_service,
        }
        self._fetched: dict[str, tuple[Key, ...]] = {}
        self._seconds, self._clock = minutes * 60, clock
        self._tried_at: float | None = None

    def find(self, presented: str) -> Key | None:
        """The valid key that matches. Raises NoKeys where no key can be told from another."""
        now = self._clock()
        fetched = self._refresh(now, self._seconds if self._complete else FIRST_SECONDS)
        found = find(self._all(), presented, now)
        if found is None and not fetched and self._complete and self._refresh(now, EARLY_SECONDS):
            found = find(self._all(), presented, now)
        if found is None and not self._complete:
            raise NoKeys
        return found

    @property
    def _complete(self) -> bool:
        return len(self._fetched) == len(self._sources)

    def _all(self) -> tuple[Key, ...]:
        return tuple(key for keys in self._fetched.values() for key in keys)

    def _refresh(self, now: float, seconds: float) -> bool:
        """Fetch all, unless that was tried so many seconds ago or later."""
        if self._tried_at is not None and now - self._tried_at < seconds:
            return False
        self._tried_at = now
        for secret, fetch in self._sources.items():
            try:
                self._fetched[secret] = fetch(secret)
            except FAILURES as error:
                log.warning(json.dumps({"message": "keys not fetched", "why": _why(error)}))
                if isinstance(error, BotoCoreError):
                    break  # it does not answer: waiting once is enough
        return True


def _fetch_named(secret: str) -> tuple[Key, ...]:
    return named_keys(_read(secret, CURRENT))


def _fetch_service(secret: str) -> tuple[Key, ...]:
    current = service_key(_read(secret, CURRENT))
    try:
        return current + service_key(_read(secret, PREVIOUS))
    except WrongSecret:  # the first one may have been made by hand
        return current


def _read(secret: str, stage: str) -> str | None:
    """The text with this staging label; None when there is none."""
    try:
        found = quick("secretsmanager").get_secret_value(SecretId=secret, VersionStage=stage)
    except ClientError as error:
        if _has_no_value(error, stage):
            return None
        raise
    text = found.get("SecretString")
    return str(text) if text and text.strip() else None


def _has_no_value(error: ClientError, stage: str) -> bool:
    # A secret without a value and one that does not exist have the same code; only the message of
    # the first speaks of a value. The previous value is asked for after the current one was there.
    found = error.response["Error"]
    missing = found["Code"] == "ResourceNotFoundException"
    return missing and (stage != CURRENT or "secret value" in found["Message"])


def _why(error: Exception) -> str:
    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"])
    return str(error) if isinstance(error, WrongSecret) else type(error).__name__
