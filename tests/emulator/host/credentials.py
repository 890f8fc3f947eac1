"""The credentials endpoint of a container instance: each task gets its own role's, and renews them.

A task finds it through AWS_CONTAINER_CREDENTIALS_FULL_URI, as on ECS.
"""

from __future__ import annotations

import json
import secrets
import threading
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

SESSION_SECONDS = 3600


class CredentialsEndpoint:
    """Serves on loopback while its context lasts."""

    def __init__(self, sts: Any) -> None:
        self._sts = sts
        self._roles: dict[str, tuple[str, str]] = {}
        # When each session ends, by its access key.
        self.ends: dict[str, datetime] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, name="credentials")

    def __enter__(self) -> CredentialsEndpoint:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def environment(self, task: str, role: str) -> dict[str, str]:
        """The variables that give a task this role."""
        token = secrets.token_urlsafe(24)
        self._roles[token] = (role, task)
        port = self._server.server_address[1]
        return {
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{port}/{task}",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": token,
        }

    def credentials(self, token: str) -> dict[str, str] | None:
        """Fresh ones for whoever knows the token."""
        if token not in self._roles:
            return None
        role, task = self._roles[token]
        found = self._sts.assume_role(
            RoleArn=role, RoleSessionName=task, DurationSeconds=SESSION_SECONDS
        )["Credentials"]
        self.ends[found["AccessKeyId"]] = found["Expiration"]
        return {
            "RoleArn": role,
            "AccessKeyId": found["AccessKeyId"],
            "SecretAccessKey": found["SecretAccessKey"],
            "Token": found["SessionToken"],
            "Expiration": found["Expiration"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = endpoint.credentials(self.headers.get("Authorization", ""))
                body = json.dumps(found or {"message": "No task has this token."}).encode()
                self.send_response(200 if found else 403)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *parts: object) -> None:
                pass

        return Answer
