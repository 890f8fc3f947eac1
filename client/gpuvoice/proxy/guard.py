"""Who may come in: by the host that was asked for, the page that asks, and the proxy's own key."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from typing import Literal

from starlette.types import Scope

from gpuvoice.addresses import is_loopback
from gpuvoice.proxy.headers import first
from gpuvoice.proxy.refused import Refused
from gpuvoice.proxy.settings import ProxySettings

# contract: the calls of the servers, for pages of this machine. own: for the console and pages
# that were named. page: may be opened by a link from anywhere. badge: shown in any page.
Area = Literal["contract", "own", "page", "badge"]
LOCAL_PAGE = re.compile(
    r"https?://(localhost|[a-z0-9-]+\.localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(:\d{1,5})?"
)
FOREIGN = ("cross-site", "same-site")
CHALLENGE = {"WWW-Authenticate": 'Basic realm="gpuvoice proxy", charset="UTF-8"'}
KEY_NEEDED = (
    "This proxy needs its own key: send it as X-API-Key, as Authorization: Bearer, or as the "
    "password in the URL."
)


@dataclass(frozen=True)
class Caller:
    """`origin` is that of a page that may read the answer, or "". `console`: it is our own."""

    origin: str = ""
    console: bool = False


def caller_of(scope: Scope) -> Caller:
    found: Caller = scope["state"]["caller"]
    return found


class Guard:
    def __init__(self, settings: ProxySettings) -> None:
        self._settings = settings
        self._origins = {origin.rstrip("/").lower() for origin in settings.origins}
        self._hosts = {host.lower() for host in (*settings.allow_hosts, settings.host)}

    def check(self, scope: Scope, area: Area) -> Caller:
        """Raises Refused: 421 for a strange host, 403 for a strange page."""
        host = first(scope["headers"], b"host").lower()
        self.check_host(host)
        origin = first(scope["headers"], b"origin").lower()
        if area == "badge":
            return Caller()
        console = self._is_console(origin)
        if origin and not console and not self._may_call(origin, area):
            raise Refused(403, _stranger(origin, area, named=bool(self._origins)))
        site = first(scope["headers"], b"sec-fetch-site")
        if not origin and site in FOREIGN and not (area == "page" and _opened(scope)):
            raise Refused(403, _stranger("another site", area, named=bool(self._origins)))
        # Browsers name no origin on plain reads of the page's own server.
        return Caller(origin, console or (not origin and site == "same-origin"))

    def check_host(self, host: str) -> None:
        """Raises Refused (421)."""
        name = _without_port(host)
        if not is_loopback(name) and name not in self._hosts and host not in self._hosts:
            raise Refused(
                421,
                f"This proxy answers to localhost, not to {name[:80]!r}. Call it as localhost, or "
                "start it with --allow-host and that name.",
            )

    def check_key(self, scope: Scope) -> None:
        """The proxy's own key, where it has one. Raises Refused."""
        key = self._settings.own_key
        if not key:
            return
        given = _presented(scope)
        if given is None or not hmac.compare_digest(given, key.reveal().encode()):
            raise Refused(401, KEY_NEEDED, CHALLENGE)

    def _is_console(self, origin: str) -> bool:
        scheme, _, rest = origin.partition("://")
        name, port = _without_port(rest), rest.rpartition(":")[2]
        default = {"http": "80", "https": "443"}.get(scheme, "")
        ours = str(self._settings.proxy_port) in (port, default if ":" not in rest else "")
        return ours and (is_loopback(name) or rest in self._hosts or name in self._hosts)

    def _may_call(self, origin: str, area: Area) -> bool:
        if self._origins:
            return origin in self._origins
        return area == "contract" and LOCAL_PAGE.fullmatch(origin) is not None


def _stranger(origin: str, area: Area, *, named: bool) -> str:
    who = "Pages of this machine may call" if area == "contract" else "Its own console may call"
    who = "The pages named with --origin may call" if named else who
    advice = f" --origin {origin}" if "://" in origin or origin == "null" else " --origin ORIGIN"
    return f"A page of {origin[:120]} may not use this proxy. {who}; let it in with{advice[:140]}."


def _opened(scope: Scope) -> bool:
    """Whether somebody opens it as a page, by a link from elsewhere."""
    mode = first(scope["headers"], b"sec-fetch-mode")
    return mode == "navigate" and first(scope["headers"], b"sec-fetch-dest") == "document"


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def _presented(scope: Scope) -> bytes | None:
    headers = scope["headers"]
    given = first(headers, b"x-api-key")
    if given:
        return given.encode("latin-1")
    scheme, _, rest = first(headers, b"authorization").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip().encode("latin-1")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(rest, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return None
