"""A server that says it is elsewhere: the key goes to no address that nobody wrote down."""

from __future__ import annotations

import httpx

from gpuvoice.addresses import shown
from gpuvoice.proxy.refused import Refused
from gpuvoice.proxy.upstream import Upstream

NOT_MODIFIED = 304


def elsewhere(upstream: Upstream, response: httpx.Response) -> Refused | None:
    """What the caller is told where the answer is a redirect."""
    status = response.status_code
    if not 300 <= status < 400 or status == NOT_MODIFIED:
        return None
    base = _base(upstream, response)
    if not base or base == upstream.shown:
        return Refused(502, f"{upstream.shown} answered with a redirect ({status}). {ADVICE}")
    return Refused(502, f"The server redirects to {base}; write that URL in the settings.")


ADVICE = "Is the URL in the settings right?"


def _base(upstream: Upstream, response: httpx.Response) -> str:
    """The server's URL as the redirect has it: without the path of this call, and its query."""
    try:
        asked = response.request.url
        target = asked.join(response.headers.get("Location", ""))
        own = httpx.URL(upstream.shown).path.rstrip("/")
        below = asked.path[len(own) :]
        path = target.path[: -len(below)] if below and target.path.endswith(below) else target.path
        return shown(str(target.copy_with(path=path or "/", query=None, fragment=None)))
    except (httpx.InvalidURL, ValueError):
        return ""
