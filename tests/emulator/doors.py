"""The load balancer's own ports: one with TLS for the listener on 443, a plain one for 80.

MiniStack serves the API and the load balancers on one port, told apart by the Host header, answers
some paths (`/health`) itself whatever the host, and reads the listener off the header.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from ministack import app
from ministack.core.responses import set_request_client_ip
from ministack.services import alb

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
NOBODY = (503, {"Content-Type": "text/plain"}, b"No load balancer has this name.\n")


class Doors:
    """An ASGI application: requests at a door go to a load balancer, all others to MiniStack."""

    def __init__(self, listener_ports: Mapping[int, int]) -> None:
        """`listener_ports` gives for each port of this machine the listener's port behind it."""
        self._listener_ports = dict(listener_ports)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        port = (scope.get("server") or (None, None))[1]
        if scope["type"] != "http" or port not in self._listener_ports:
            await app.app(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            return
        response = await _dispatch(scope, body, self._listener_ports[port])
        await app._send_if_handled(app._with_date_header(send), response, receive)


async def _dispatch(scope: Message, body: bytes, listener_port: int) -> Any:
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joint = "; " if name == "cookie" else ", "
        headers[name] = headers[name] + joint + value if name in headers else value
    load_balancer = alb.find_lb_for_host(headers.get("host", "")) or _only()
    if load_balancer is None:
        return NOBODY
    client = (scope.get("client") or ("127.0.0.1",))[0]
    set_request_client_ip(client)
    query = scope["query_string"].decode("latin-1")
    return await alb.dispatch_request(
        load_balancer,
        scope["method"],
        scope["path"],
        headers,
        body,
        parse_qs(query, keep_blank_values=True),
        listener_port,
        client_ip=client,
        raw_query_string=query,
        raw_path=(scope.get("raw_path") or scope["path"].encode()).decode("latin-1").split("?")[0],
    )


def _only() -> Any:
    """A load balancer answers whatever name its caller used; with several, the name decides."""
    known = list(alb._lbs.values())
    return known[0] if len(known) == 1 else None


async def _body(receive: Receive) -> bytes | None:
    """The whole request; None when the caller left."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
