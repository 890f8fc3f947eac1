"""Keys: made, rotated and ended while the servers run."""

from __future__ import annotations

import json

from tests.emulator.door import Door
from tests.emulator.run.report import require
from tests.emulator.run.stage import Stage

ROTATION_SECONDS = 60
# A server fetches at once for a key that it does not know, at most every half minute.
FETCH_SECONDS = 90
ACTIVITY = "/tts/internal/activity"


def mint(stage: Stage, name: str) -> str:
    """`operate key` shows the key once; the secret holds its hash alone."""
    key = stage.operate("key", "--name", name).strip()
    arn = stage.outputs()["KeysSecretArn"]
    stored = stage.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    require(name in json.loads(stored), f"{name} is not in the secret.")
    require(key not in stored, "The secret holds the key itself.")
    return key


def rotate_service_key(stage: Stage, door: Door) -> str:
    """The new key and the one before both open /internal through the front door."""
    secrets = stage.client("secretsmanager")
    named = {"SecretId": stage.outputs()["ServiceKeySecretArn"]}
    old = secrets.get_secret_value(**named)
    version = secrets.rotate_secret(**named)["VersionId"]
    stage.until(
        lambda: secrets.get_secret_value(**named)["VersionId"] == version,
        ROTATION_SECONDS,
        "The rotation does not finish.",
    )
    before, after = (
        _key(old["SecretString"]),
        _key(secrets.get_secret_value(**named)["SecretString"]),
    )
    require(before != after, "The rotation kept the key.")
    stage.until(lambda: _opens(door, after), FETCH_SECONDS, "The new service key does not open.")
    require(_opens(door, before), "The service key before it does not open any more.")
    require(not _opens(door, "gv_" + "0" * 43), "A key that nobody made opens /internal.")
    return "four steps run; the new key and the one before both open /internal"


def revoke(stage: Stage, door: Door, name: str, key: str) -> None:
    """An ended key is refused as soon as the servers have fetched."""
    require(_speaks(door, key) == 200, "The key does not work before it is ended.")
    stage.operate("key", "--name", name, "--revoke")

    def refused() -> bool:
        door.post("/tts/generate", {"text": "a"}, X_API_Key="gv_" + "1" * 43)
        return _speaks(door, key) == 401

    stage.until(refused, FETCH_SECONDS, "The ended key still works.")


def _opens(door: Door, key: str) -> bool:
    answer = door.get(ACTIVITY, X_API_Key=key, X_Voice_Internal="1")
    return answer.status_code == 200


def _speaks(door: Door, key: str) -> int:
    return door.post("/tts/generate", {"text": "Yes."}, X_API_Key=key).status_code


def _key(secret: str) -> str:
    return str(json.loads(secret)["key"])
