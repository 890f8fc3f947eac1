"""A load balancer with two target groups as a template, and servers to stand behind it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.emulator.door import Door
from tests.emulator.stack import Stack

BALANCER = "AWS::ElasticLoadBalancingV2"


@contextmanager
def target(name: str) -> Iterator[int]:
    """A server that answers with its name and what it was sent; gives its port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"name": name, "path": self.path, **dict(self.headers)}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *parts: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def group() -> dict[str, Any]:
    return {
        "Type": f"{BALANCER}::TargetGroup",
        "Properties": {"Port": 5000, "Protocol": "HTTP", "TargetType": "instance"},
    }


def listener(port: int, protocol: str, action: dict[str, Any]) -> dict[str, Any]:
    attribute = {"Key": "routing.http.response.server.enabled", "Value": "false"}
    return {
        "Type": f"{BALANCER}::Listener",
        "Properties": {
            "LoadBalancerArn": {"Ref": "Door"},
            "Port": port,
            "Protocol": protocol,
            "DefaultActions": [action],
            "ListenerAttributes": [attribute],
        },
    }


def forward(**weights: int) -> dict[str, Any]:
    groups = [
        {"TargetGroupArn": {"Ref": name}, "Weight": weight} for name, weight in weights.items()
    ]
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}


def resources(**weights: int) -> dict[str, Any]:
    redirect = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    nothing = {
        "StatusCode": "404",
        "ContentType": "application/json",
        "MessageBody": '{"error": "nothing here"}',
    }
    path = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/tts/*"]}}
    return {
        "Door": {"Type": f"{BALANCER}::LoadBalancer", "Properties": {"Subnets": []}},
        "Plain": listener(80, "HTTP", {"Type": "redirect", "RedirectConfig": redirect}),
        "Tls": listener(443, "HTTPS", {"Type": "fixed-response", "FixedResponseConfig": nothing}),
        "Blue": group(),
        "Green": group(),
        "Rule": {
            "Type": f"{BALANCER}::ListenerRule",
            "Properties": {
                "ListenerArn": {"Ref": "Tls"},
                "Priority": 20,
                "Conditions": [path],
                "Actions": [forward(**weights)],
            },
        },
    }


OUTPUTS = {name: {"Ref": name} for name in ("Blue", "Green", "Rule", "Door")}


@dataclass(frozen=True, slots=True)
class Stand:
    """A stack of these resources with a server in each group; `found` has its outputs."""

    stack: Stack
    door: Door
    found: dict[str, str]
