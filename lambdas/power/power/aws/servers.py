"""The servers of a slot, called by the reach function inside the VPC."""

from __future__ import annotations

import json
import time
from typing import Any

from power.aws.clients import asked, client
from power.aws.slots import Slots
from power.ports import ActivityNow, Unreachable
from power.settings import PowerSettings

KEY_SECONDS = 300.0
ACTIVITY = {"in_flight", "queue_depth", "seconds_since_last_request"}
GRANTED, REFUSED, UNAUTHORIZED = 200, 409, 401


class ReachedServers:
    """Whoever cannot be reached is missing from an answer; nothing here raises for that."""

    def __init__(self, settings: PowerSettings, slots: Slots) -> None:
        self._settings, self._slots = settings, slots
        self._key: tuple[float, str] | None = None

    def activity(self, slot: str) -> dict[str, ActivityNow]:
        return {
            server: ActivityNow(
                int(body["in_flight"]),
                int(body["queue_depth"]),
                float(body["seconds_since_last_request"]),
            )
            for server, (status, body) in self._call(slot, "GET", "/internal/activity").items()
            if status == GRANTED and isinstance(body, dict) and set(body) >= ACTIVITY
        }

    def drain(self, slot: str, seconds: float) -> dict[str, bool]:
        answers = self._call(slot, "POST", "/internal/drain", {"seconds": seconds})
        return {
            server: status == GRANTED
            for server, (status, _) in answers.items()
            if status in (GRANTED, REFUSED)
        }

    def resume(self, slot: str) -> None:
        self._call(slot, "POST", "/internal/resume")

    def refuse_batches(self, slot: str, seconds: float, why: str) -> None:
        body = {"allowed": False, "seconds": seconds, "why": why}
        self._call(slot, "POST", "/internal/batches", body)

    def answer(self, slot: str) -> bool:
        """Whether both server processes answer at all, warm or not."""
        return len(self._call(slot, "GET", "/ready")) == len(self._settings.slots[slot].groups)

    def _call(
        self, slot: str, method: str, path: str, body: object = None
    ) -> dict[str, tuple[int, Any]]:
        """(status, JSON body) by server."""
        try:
            calls = self._calls(slot, method, path, body)
            if not calls:
                return {}
            found = self._reach(calls)
            if any(status == UNAUTHORIZED for status, _ in found.values()):
                self._key = None
                found = self._reach(calls)
            return found
        except Unreachable:
            return {}

    def _calls(self, slot: str, method: str, path: str, body: object) -> list[dict[str, Any]]:
        group = self._slots.group(slot)
        machines = self._slots.machines(group.members)
        return [
            {
                "server": server,
                "method": method,
                "url": f"http://{machines[one['Target']['Id']].address}:"
                f"{one['Target']['Port']}{path}",
                "body": body,
            }
            for server, arn in self._settings.slots[slot].groups.items()
            for one in self._slots.targets(arn)
            if one["Target"]["Id"] in machines and one["TargetHealth"]["State"] != "draining"
        ]

    def _reach(self, calls: list[dict[str, Any]]) -> dict[str, tuple[int, Any]]:
        payload = json.dumps({"key": self._service_key(), "calls": calls}).encode()
        with asked("calling the servers"):
            answer = client("lambda").invoke(
                FunctionName=self._settings.reach,
                InvocationType="RequestResponse",
                Payload=payload,
            )
            text = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise Unreachable("calling the servers: the reach function failed")
        return {
            each["server"]: (int(each["status"]), each["body"])
            for each in json.loads(text)
            if each.get("status")
        }

    def _service_key(self) -> str:
        now = time.monotonic()
        if self._key is None or now - self._key[0] > KEY_SECONDS:
            with asked("reading the service key"):
                secret = client("secretsmanager").get_secret_value(
                    SecretId=self._settings.service_key_secret, VersionStage="AWSCURRENT"
                )["SecretString"]
            self._key = (now, str(json.loads(secret)["key"]))
        return self._key[1]
