"""What every endpoint that uses a model does before it queues anything."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from voicehost.errors import RequestError, TooLarge, VoiceError
from voicehost.host import Host
from voicehost.queueing.scheduler import Scheduler
from voicehost.web.bodies import declared_bytes, read_body
from voicehost.web.scope import scope

Body = TypeVar("Body", bound=BaseModel)


def admit(host: Host, scheduler: Scheduler, model: type[Body], most_mib: int) -> Body:
    """Pass the gate, refuse early what would be refused anyway, then read the body."""
    scope().enter_context(host.gate.request(declared_bytes(most_mib)))
    host.activity.check()
    scheduler.check_ready()
    return read_body(model, most_mib=most_mib, seconds=host.settings.body_seconds)


def check_count(name: str, count: int, most: int) -> None:
    """Raises RequestError for an empty batch, TooLarge for one that is too long."""
    if count == 0:
        raise RequestError(f"{name}: is empty; send at least one.")
    if count > most:
        raise TooLarge(f"{name}: has {count} entries and {most} fit in one request. Send several.")


def check_batch(host: Host, name: str, count: int, most: int) -> None:
    """As `check_count`, and raises BatchesRefused for more than one while batches are refused."""
    check_count(name, count, most)
    host.batches.check(count)


def at(place: str, error: VoiceError) -> VoiceError:
    """The same error, saying which part of the request it is about."""
    return type(error)(f"{place}: {error.message}.", retry_after=error.retry_after)


def check_language(given: str | None, known: tuple[str, ...]) -> str:
    """The ISO 639-1 code; the engine's first language when none is given. Raises RequestError."""
    if given is None:
        return known[0]
    code = given.strip().lower().replace("_", "-").split("-")[0]
    if code in known:
        return code
    raise RequestError(f"language: this server's model knows {', '.join(known)} only.")
