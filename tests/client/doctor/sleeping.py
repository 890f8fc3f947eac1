"""A deployment whose GPU sleeps: the true front function, reached as a load balancer would."""

from __future__ import annotations

import httpx

from tests.power.house import House

URL = "https://gpu.example.com"


class SleepingDoor(httpx.BaseTransport):
    """`keys` has the key of each call, or None."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.keys: dict[str, str | None] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        text = request.read().decode()
        self.keys[request.url.path] = request.headers.get("x-api-key") or request.headers.get(
            "authorization"
        )
        event = {
            "httpMethod": request.method,
            "path": request.url.path,
            "headers": dict(request.headers),
            "queryStringParameters": {},
            "body": text,
            "isBase64Encoded": False,
            "requestContext": {"elb": {"targetGroupArn": "arn"}},
        }
        reply = self._house.handle(event)
        return httpx.Response(reply.status, headers=reply.headers, text=reply.text)
