"""Make, renew and end named API keys in the secret that the servers read."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from config.settings import load_settings
from operate.cloud import Cloud
from operate.failures import CommandError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
CANDIDATE = "CANDIDATE"
MOST_CHARACTERS = 65536
RESERVED = {"service", "anonymous", "loopback"}

Entry = dict[str, Any]
Ring = dict[str, list[Entry]]


def make(environment: str, name: str, queue_items: int | None) -> tuple[str, str]:
    """A new key under this name: (its clear text, a sentence on what became of the old one).

    It has the limit of the one before unless another is given.
    """
    _check(name)
    if queue_items is not None and queue_items < 1:
        raise CommandError("QUEUE_ITEMS must be 1 or more.")
    keys = load_settings(environment).keys
    secret = _Secret(environment)
    ring = secret.read()
    before = valid(ring.get(name, []), datetime.now(UTC))
    if queue_items is None and before:
        queue_items = before[-1].get("queue_items")
    clear, entry = mint(queue_items)
    ends = datetime.now(UTC) + timedelta(hours=keys.overlap_hours)
    old = [expiring(each, ends) for each in before]
    ring[name] = [*old, entry]
    secret.write(ring)
    said = f"The key of {name} in {environment}, shown this once; servers know it in half a minute."
    if old:
        said += f" The one before stays valid until {stamp(ends)}."
    return clear, said


def revoke(environment: str, name: str) -> str:
    """End all keys of this name. Raises CommandError when there is none."""
    _check(name)
    secret = _Secret(environment)
    ring = secret.read()
    if not ring.pop(name, []):
        known = ", ".join(sorted(ring)) or "nobody"
        raise CommandError(f"{name} has no key in {environment}; keys belong to: {known}.")
    secret.write(ring)
    minutes = load_settings(environment).keys.refresh_minutes
    return f"{name} has no key in {environment} any more, within {minutes:g} minutes everywhere."


def mint(queue_items: int | None) -> tuple[str, Entry]:
    """A fresh key of 32 random bytes, and what is stored of it."""
    clear = "gv_" + secrets.token_urlsafe(32)
    entry: Entry = {"hash": "sha256:" + hashlib.sha256(clear.encode()).hexdigest()}
    if queue_items is not None:
        entry["queue_items"] = queue_items
    return clear, entry


def expiring(entry: Entry, ends: datetime) -> Entry:
    """The entry with an end; one that ends sooner keeps its own."""
    own = _end(entry)
    return entry if own is not None and own <= ends else {**entry, "expires_at": stamp(ends)}


def valid(entries: list[Entry], now: datetime) -> list[Entry]:
    """Those that have not ended. Raises CommandError for an end that is no time."""
    return [entry for entry in entries if (end := _end(entry)) is None or end > now]


def _end(entry: Entry) -> datetime | None:
    given = entry.get("expires_at")
    if given is None:
        return None
    try:
        end = datetime.fromisoformat(str(given))
        return end.astimezone(UTC) if end.tzinfo else end.replace(tzinfo=UTC)
    except ValueError:
        raise CommandError(
            f"the secret holds a key whose expires_at is no time, {given!r}; mend it by hand"
        ) from None


def stamp(moment: datetime) -> str:
    """UTC to the second."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _check(name: str) -> None:
    if not name:
        raise CommandError("say whose key it is: make key NAME=alice.")
    if not NAME.fullmatch(name) or name in RESERVED:
        raise CommandError(
            f"{name!r} cannot name a key: use letters, digits, '.', '_' and '-', and none of "
            f"{', '.join(sorted(RESERVED))}."
        )


class _Secret:
    """The secret of named keys of an environment. Errors become CommandErrors."""

    def __init__(self, environment: str) -> None:
        cloud = Cloud(environment)
        self._id = cloud.require().outputs["KeysSecretArn"]
        self._client = cloud.client("secretsmanager")
        self._version = ""

    def read(self) -> Ring:
        try:
            found = self._client.get_secret_value(SecretId=self._id, VersionStage="AWSCURRENT")
            self._version = found["VersionId"]
            ring = json.loads(found["SecretString"] or "{}")
            return {name: _entries(value) for name, value in ring.items()}
        except (BotoCoreError, ClientError) as error:
            raise CommandError(f"The keys cannot be read: {error}") from None
        except (ValueError, AttributeError):
            raise CommandError(
                "The secret of the keys holds no JSON object. Restore its previous version: "
                "aws secretsmanager update-secret-version-stage."
            ) from None

    def write(self, ring: Ring) -> None:
        """Replace what `read` gave, unless somebody else has done so since."""
        text = json.dumps(ring, sort_keys=True)
        if len(text) > MOST_CHARACTERS:
            raise CommandError("There are too many keys for one secret; revoke some first.")
        try:
            new = self._client.put_secret_value(
                SecretId=self._id, SecretString=text, VersionStages=[CANDIDATE]
            )["VersionId"]
            # Refused when the version that was read is not the current one any more.
            self._client.update_secret_version_stage(
                SecretId=self._id,
                VersionStage="AWSCURRENT",
                MoveToVersionId=new,
                RemoveFromVersionId=self._version,
            )
        except self._client.exceptions.InvalidParameterException:
            raise CommandError("Somebody else has just written the keys. Try again.") from None
        except (BotoCoreError, ClientError) as error:
            raise CommandError(f"The keys cannot be written: {error}") from None


def _entries(value: object) -> list[Entry]:
    entries = value if isinstance(value, list) else [value]
    return [entry if isinstance(entry, dict) else {"hash": entry} for entry in entries]
