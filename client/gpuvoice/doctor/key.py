"""Whether the key is taken. Nothing is spoken, heard or woken for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gpuvoice.config import ClientConfig
from gpuvoice.doctor.asking import Answer, Asker
from gpuvoice.doctor.finding import Finding, fail, ok, skipped, warn
from gpuvoice.doctor.servers import Name, Seen
from gpuvoice.doctor.settings import has_key

SET_ONE = (
    "Set TTS_API_KEY, or api_key in server_config.json (`gpuvoice config init`). Whoever deployed "
    "the stack makes one with `make key NAME=you`."
)
WRONG = (
    "Copy it once more, whole. Was it replaced or revoked? `make key NAME=you` makes a new one, "
    "which servers know within minutes."
)
# States in which a call changes nothing.
AWAKE = ("on", "starting", "recovering")
# Calls that every server refuses as empty, after the key was looked at: 400, or 401.
EMPTY: Mapping[Name, tuple[str, Mapping[str, Any]]] = {
    "speech": ("/generate", {"text": ""}),
    "recognition": ("/transcribe", {"audio": ""}),
}


def check_key(config: ClientConfig, asker: Asker, both: tuple[Seen, Seen]) -> Iterator[Finding]:
    """The power switch first: it knows keys while the GPU sleeps. Then the servers that answer: a
    call to one that sleeps would wake it, and one that is being stopped would go on."""
    status = asker.try_key("GET", f"{config.power_url}/status")
    state = str(status.body.get("state") or "")
    # Servers without a power switch refuse its path too, for a wrong key.
    refused = status.status in (401, 403) and not any(seen.answers for seen in both)
    if state or refused:
        yield _judge("key, power switch", config, status, empty=False)
    for seen, url in zip(both, (config.speech_url, config.recognition_url), strict=True):
        check = f"key, {seen.name} server"
        if seen.answers and (not state or state in AWAKE):
            path, body = EMPTY[seen.name]
            yield _judge(check, config, asker.try_key("POST", url + path, body), empty=True)
        elif not (state or refused):
            yield skipped(check, "the server does not answer")


def _judge(check: str, config: ClientConfig, answer: Answer, *, empty: bool) -> Finding:
    """`empty`: the call was empty on purpose, and 400 is what a taken key leads to."""
    mine = has_key(config)
    if answer.status == 401:
        if mine:
            return fail(check, "the key is refused (401)", WRONG)
        return fail(check, "a key is needed, and none is set", SET_ONE)
    if answer.status == 403:
        return fail(check, f"refused: {answer.said}", "The answer says by which rule.")
    if answer.status == (400 if empty else 200):
        return ok(check, "the key is taken" if mine else "none is needed from here")
    if not answer.there:
        return skipped(check, f"no answer: {answer.error}")
    return warn(check, f"could not be tried: {answer.said}", "Look again in a minute.")
