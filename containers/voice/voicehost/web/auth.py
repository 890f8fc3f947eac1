"""Who calls: the key's name, or a refusal. Whatever is not on the public blueprint needs a key."""

from __future__ import annotations

import hmac

from flask import Flask, Request, request

from voicehost.caller import JOBS
from voicehost.errors import Forbidden, Unauthorized
from voicehost.key_store import KeyStore
from voicehost.keys import NAME, Key
from voicehost.neighbour.server import FOR_HEADER, NEIGHBOUR_HEADER
from voicehost.results import folder
from voicehost.settings import is_loopback
from voicehost.web.record import WORK, record

PUBLIC = "public"
INTERNAL = "internal"
INTERNAL_HEADER = "X-Voice-Internal"
ANONYMOUS = "anonymous"
LOOPBACK = "loopback"

NEEDED = (
    "A valid key is needed: send it as X-API-Key, as Authorization: Bearer, or as the password "
    "in the URL (https://key:SECRET@host)."
)


def init_app(app: Flask, keys: KeyStore, neighbour_key: str = "") -> None:
    """`neighbour_key` is what the other server of this machine presents for its callers."""

    @app.before_request
    def check() -> None:
        if request.method == "OPTIONS" or request.blueprint == PUBLIC:
            return
        if request.blueprint == INTERNAL:
            _check_internal(keys)
            return
        if request.blueprint == WORK and _is_neighbour(neighbour_key):
            _note_name(keys, request.headers.get(FOR_HEADER, ""))
            return
        if keys.anonymous:
            _check_host()
            record().key, record().folder = ANONYMOUS, folder(None)
            return
        keys.check_ready()
        key = _find(keys, request)
        if key is None:
            raise Unauthorized(NEEDED)
        _note(key)


def presented(incoming: Request) -> str | None:
    """The key that a request carries, in the order: X-API-Key, Bearer, password of Basic."""
    if "X-API-Key" in incoming.headers:
        return incoming.headers["X-API-Key"]
    try:
        given = incoming.authorization
    except ValueError:  # bytes beyond ASCII where base64 belongs
        return None
    if given is None:
        return None
    return given.token if given.type == "bearer" else given.password


def _is_neighbour(neighbour_key: str) -> bool:
    given = request.headers.get(NEIGHBOUR_HEADER, "").encode()
    return bool(neighbour_key) and hmac.compare_digest(given, neighbour_key.encode())


def _note_name(keys: KeyStore, name: str) -> None:
    own = name.removesuffix(JOBS)
    known = NAME.fullmatch(own) is not None
    mine = record()
    mine.key = name if known else ANONYMOUS
    mine.folder = folder(own if known and own != ANONYMOUS else None)
    mine.queue_items = keys.limit_of(own) if known else None


def _note(key: Key) -> None:
    mine = record()
    mine.key, mine.folder, mine.queue_items = key.name, folder(key.name), key.queue_items


def _find(keys: KeyStore, incoming: Request) -> Key | None:
    clear = presented(incoming)
    return None if clear is None else keys.find(clear)


def _check_internal(keys: KeyStore) -> None:
    # A browser form cannot set this header, and a page of another origin is not allowed to.
    if request.headers.get(INTERNAL_HEADER) != "1":
        raise Forbidden(f"Calls to /internal need the header {INTERNAL_HEADER}: 1.")
    key = _find(keys, request)
    if key is not None and key.service:
        record().key = key.name
        return
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    if forwarded or not is_loopback(request.remote_addr or ""):
        if presented(request) is not None:
            keys.check_ready()
        raise Unauthorized("Calls to /internal from elsewhere need a service key.")
    # A page that points its own name at 127.0.0.1 would be allowed to send the header.
    _check_host()
    record().key = LOOPBACK


def _check_host() -> None:
    # Without keys, a page that points its own name at 127.0.0.1 would be same-origin here.
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    if not is_loopback(host):
        raise Forbidden(
            f"Without a key this server answers to localhost alone, not to {host[:80]!r}. Call it "
            "as localhost, or set VOICE_KEYS."
        )
