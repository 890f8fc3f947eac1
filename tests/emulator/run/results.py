"""`delivery` s3: results in the bucket, links that work, and links made anew for their owner."""

from __future__ import annotations

import ssl
import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.emulator.door import Door
from tests.emulator.run.calls import TEXT, answered, seconds
from tests.emulator.run.report import StepFailed, require
from tests.emulator.run.stage import Stage

SIGN = "/tts/results/sign"


def store_and_fetch(stage: Stage, door: Door, key: str, slot: str) -> list[str]:
    """The objects are in the bucket, and their links work without a key; gives the ids."""
    body = {"texts": [TEXT, "Good morning."], "delivery": "s3"}
    results = answered(door, "/tts/generate_batch", body, key, slot)["results"]
    require(len(results) == len(body["texts"]), f"{len(results)} results came back.")
    for result in results:
        _check_link(stage, result)
        unsigned = _fetch(stage, result["url"].partition("?")[0])
        require(unsigned.status_code == 403, f"Without a signature: {unsigned.status_code}.")
        bucket = stage.outputs()["ResultsBucket"]
        stage.client("s3").head_object(Bucket=bucket, Key=f"results/{result['id']}")
    return [result["id"] for result in results]


def sign_again(
    stage: Stage, door: Door, ids: list[str], *, key: str, stranger: str, slot: str
) -> str:
    """Fresh links for the key that the results belong to, and for no other. Gives a note."""
    results = answered(door, SIGN, {"ids": ids}, key, slot)["results"]
    require([result["id"] for result in results] == ids, f"The links are those of {results}.")
    for result in results:
        _check_link(stage, result)
    gone = f"{ids[0].partition('/')[0]}/{uuid.uuid4().hex}/0.wav"
    for asked, who, whose in ((ids, stranger, "Another key's"), ([gone], key, "A missing")):
        refused = door.post(SIGN, {"ids": asked}, X_API_Key=who)
        said = f"{whose} result: {refused.status_code} {refused.text[:200]}"
        require(refused.status_code == 404 and "url" not in refused.text, said)
    return f"{len(ids)} files by fresh links; another key is told that they do not exist"


def _check_link(stage: Stage, result: dict[str, Any]) -> None:
    file = _fetch(stage, result["url"])
    require(file.status_code == 200, f"A link to a result answers {file.status_code}.")
    require(len(file.content) == result["bytes"], "A stored file has another size.")
    require(seconds(file.content) > 0.3, "A stored file is no speech.")
    signer = parse_qs(urlsplit(result["url"]).query)["X-Amz-Credential"][0].partition("/")[0]
    session = stage.host.session_end(signer)
    if session is None:
        raise StepFailed("A link is signed with other credentials than a task's.")
    until, now = datetime.fromisoformat(result["expires_at"]), datetime.now(UTC)
    require(now < until <= session, f"At {now} a link of a session until {session} says {until}.")


def _fetch(stage: Stage, url: str) -> httpx.Response:
    trusted = ssl.create_default_context(cafile=str(stage.emulator.authority))
    return httpx.get(url, verify=trusted, trust_env=False)
