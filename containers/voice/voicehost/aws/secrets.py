"""Keys kept in AWS Secrets Manager: the named keys as hashes, and the service key in the clear."""

from __future__ import annotations

import contextlib
import json
import threading
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from voicehost.key_format import KeyFormatError, ReadKeys, read_keys
from voicehost.key_store import KeysUnavailable
from voicehost.keys import Key, key_digest

CURRENT = "AWSCURRENT"
PREVIOUS = "AWSPREVIOUS"
SERVICE_NAME = "service"
CONFIG = Config(
    connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"}
)


class WrongSecret(KeysUnavailable):
    """The secret is there and holds something else."""


class Secret:
    """Reads one secret, by name or ARN. The region is boto3's own choice when none is given."""

    def __init__(self, secret_id: str, region: str | None = None) -> None:
        self._id = secret_id
        self._region = region
        self._made: Any = None
        self._lock = threading.Lock()

    def read(self, stage: str) -> str | None:
        """The text with this staging label; None when there is none. Raises KeysUnavailable."""
        try:
            found = self._client().get_secret_value(SecretId=self._id, VersionStage=stage)
        except ClientError as error:
            if _has_no_value(error, stage):
                return None
            raise KeysUnavailable(str(error.response["Error"]["Code"])) from None
        except (BotoCoreError, ValueError) as error:
            raise KeysUnavailable(type(error).__name__) from None
        text = found.get("SecretString")
        return str(text) if text and text.strip() else None

    def _client(self) -> Any:
        # Not made before it is needed: it asks for credentials, which may not be there yet.
        with self._lock:
            if self._made is not None:
                return self._made
            session = boto3.session.Session(region_name=self._region)
            made = session.client("secretsmanager", config=CONFIG)
            # One without credentials would stay without them.
            self._made = made if session.get_credentials() is not None else None
            return made


class NamedKeys:
    """A secret with the keys of people and programs, in the form of the keys file."""

    name = "keys"

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def fetch(self) -> ReadKeys:
        text = self._secret.read(CURRENT)
        if text is None:
            return ReadKeys()
        try:
            if text.lstrip().startswith("{"):
                return read_keys(text)
        except KeyFormatError:
            pass
        raise WrongSecret("the secret is no JSON object")


class ServiceKey:
    """A secret `{"key": "CLEAR TEXT"}`: the current one and the one before it open, as hashes."""

    name = "service key"

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def fetch(self) -> ReadKeys:
        digests = [_service_digest(self._secret.read(CURRENT))]
        with contextlib.suppress(WrongSecret):  # the first one may have been made by hand
            digests.append(_service_digest(self._secret.read(PREVIOUS)))
        return ReadKeys(tuple(Key(SERVICE_NAME, each, service=True) for each in digests if each))


def _service_digest(text: str | None) -> bytes | None:
    """The hash of the key in this text; nothing else of it is kept."""
    try:
        clear = "" if text is None else json.loads(text).get("key", "")
    except (ValueError, AttributeError, RecursionError):
        clear = None
    if not isinstance(clear, str):
        raise WrongSecret('the secret is not of the form {"key": ...}')
    return key_digest(clear) if clear else None


def _has_no_value(error: ClientError, stage: str) -> bool:
    # A secret without a value and one that does not exist have the same code; the second has no
    # "value" in its message. Whoever asks for the previous value has seen that the secret exists.
    found = error.response["Error"]
    missing = found["Code"] == "ResourceNotFoundException"
    return missing and (stage != CURRENT or "secret value" in found["Message"])
