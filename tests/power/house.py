"""The front function over a pretended account: its table, its keys, and who it wakes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import Mock, patch

import boto3

from power import front
from power.aws.quick import quick
from power.front import Front
from power.keys import key_digest
from power.policy import Policy
from power.settings import PowerSettings, SlotNames
from power.table import DynamoStore

REGION = "eu-central-1"
NOW = 1_795_500_000.0
MINUTE, HOUR = 60.0, 3600.0
ALICE, BOB, SERVICE = "gv_alice-s", "gv_bob-s", "gv_service-s"
PAGE = "http://localhost:3000"
HASHES = {
    name: "sha256:" + key_digest(clear).hex() for name, clear in (("alice", ALICE), ("bob", BOB))
}


@dataclass
class Clock:
    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)


@dataclass
class House:
    """`woken` has an entry for each invocation of the controller."""

    name: str
    clock: Clock = field(default_factory=Clock)
    woken: list[dict[str, Any]] = field(default_factory=list)
    made: Front | None = None

    def open(self, **changes: Any) -> House:
        """Make the front; the account has its table and secrets already."""
        plain: dict[str, Any] = {
            "environment": "test",
            "namespace": "GpuVoice/test",
            "table": self.name,
            "cluster": "voice",
            "listener": "listener",
            "sleep_group": "none",
            "slots": {name: SlotNames(name, name, {}, 0.5, 1.0) for name in ("blue", "green")},
            "policy": Policy(),
            "keys_secret": f"{self.name}-keys",
            "service_key_secret": f"{self.name}-service",
            "keys_minutes": 5,
            "controller": "the-controller",
            "reach": "",
            "cors_origins": (),
            "results_bucket": "",
            "results_url_minutes": 60,
            "most_lease_hours": 12,
        }
        self.made = Front(PowerSettings(**{**plain, **changes}), self.clock)
        return self

    @property
    def store(self) -> DynamoStore:
        return DynamoStore(self.name, self.clock)

    def call(
        self,
        path: str,
        key: str | None = ALICE,
        method: str = "POST",
        body: object = None,
        **headers: str,
    ) -> Reply:
        """A call of a page on this machine; `headers` with underscores for dashes."""
        given = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        given.setdefault("origin", PAGE)
        if key is not None:
            given["x-api-key"] = key
        if body is not None:
            given.setdefault("content-type", "application/json")
        text = body if isinstance(body, str) else "" if body is None else json.dumps(body)
        event = {"httpMethod": method, "path": path, "headers": given, "body": text,
                 "isBase64Encoded": False, "queryStringParameters": {},
                 "requestContext": {"elb": {"targetGroupArn": "arn"}}}  # fmt: skip
        return self.handle(event)

    def handle(self, event: object) -> Reply:
        assert self.made is not None
        with patch.object(front, "front", Mock(return_value=self.made)):
            answer = front.handler(event, None)
        return Reply(answer["statusCode"], answer["headers"], answer["body"])


def make_house(name: str) -> House:
    """A table, the keys of alice and bob, the service key; nothing has been looked at yet."""
    boto3.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "kind", "KeyType": "HASH"},
                   {"AttributeName": "id", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"}
                              for each in ("kind", "id")],
        BillingMode="PAY_PER_REQUEST",
    )  # fmt: skip
    secrets = quick("secretsmanager")
    secrets.create_secret(Name=f"{name}-keys", SecretString=json.dumps(HASHES))
    secrets.create_secret(Name=f"{name}-service", SecretString=json.dumps({"key": SERVICE}))
    return House(name)
