"""The emulated cloud as a context: entered it runs on loopback, left it is gone."""

from __future__ import annotations

import contextlib
import secrets
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3
import psutil
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.emulator.authority import certificates
from tests.emulator.children import Child
from tests.emulator.environment import REGION, client_environment, server_environment
from tests.emulator.loopback import is_loopback

START_SECONDS = 60
STOP_SECONDS = 15


class EmulatorFailed(Exception):
    """The emulator did not start, or opened a port that others could reach."""


class Emulator:
    """One MiniStack process with its ports, state and log in a folder of its own."""

    def __init__(self, folder: Path, hosted_zones: Mapping[str, str] | None = None) -> None:
        """`hosted_zones` gives the names of zones that exist from the start, by their ids."""
        self.folder = folder
        self._hosted_zones = dict(hosted_zones or {})
        self.log = folder / "emulator.log"
        self.environment: dict[str, str] = {}
        self.endpoint = self.https = self.http = ""
        self._child: Child | None = None
        self._clients: dict[str, Any] = {}

    def __enter__(self) -> Emulator:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._start()
            self._wait()
            self._require_loopback()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    @property
    def authority(self) -> Path:
        """The certificate that its callers trust."""
        return self.folder / "ca.pem"

    def client(self, service: str, **credentials: str) -> Any:
        """A boto3 client of the account's root, which all callers share, or of the given
        credentials."""
        if credentials:
            return self._new_client(service, credentials)
        if service not in self._clients:
            own = {
                "aws_access_key_id": self.environment["AWS_ACCESS_KEY_ID"],
                "aws_secret_access_key": self.environment["AWS_SECRET_ACCESS_KEY"],
            }
            self._clients[service] = self._new_client(service, own)
        return self._clients[service]

    def _new_client(self, service: str, credentials: Mapping[str, str]) -> Any:
        session: Any = boto3.session.Session(region_name=REGION, **credentials)
        return session.client(
            service,
            endpoint_url=self.endpoint,
            verify=str(self.authority),
            config=Config(proxies={}, retries={"total_max_attempts": 2}),
        )

    def for_containers(self) -> dict[str, str]:
        """How a task finds this cloud; its credentials are its own business."""
        names = ("AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "AWS_EC2_METADATA_DISABLED", "NO_PROXY")
        return {name: self.environment[name] for name in names}

    def listening(self) -> set[str]:
        """Addresses on which its process or a child of it takes connections."""
        assert self._child is not None
        process = psutil.Process(self._child.pid)
        return {
            connection.laddr.ip
            for one in (process, *process.children(recursive=True))
            for connection in one.net_connections()
            if connection.status == psutil.CONN_LISTEN
        }

    def kill_function(self, name: str) -> int:
        """Kill the processes of a function, in the middle of what they do; gives how many there
        were. The next call starts another."""
        assert self._child is not None
        killed = 0
        for process in psutil.Process(self._child.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if process.environ().get("AWS_LAMBDA_FUNCTION_NAME") == name:
                    process.kill()
                    killed += 1
        return killed

    def log_end(self) -> str:
        return self._child.log_end() if self._child else ""

    def _start(self) -> None:
        self._clients.clear()
        files = certificates(self.folder)
        with ExitStack() as held:
            sockets = [held.enter_context(_loopback_socket()) for _ in range(3)]
            api, https, http = (one.getsockname()[1] for one in sockets)
            self.endpoint = f"https://127.0.0.1:{api}"
            self.https, self.http = f"https://127.0.0.1:{https}", f"http://127.0.0.1:{http}"
            key, secret = "AKIA" + secrets.token_hex(8).upper(), secrets.token_urlsafe(30)
            self.environment = client_environment(
                self.endpoint, files.authority, self.folder, key=key, secret=secret
            )
            descriptors = [one.fileno() for one in sockets]
            self._child = Child(
                [sys.executable, "-m", "tests.emulator.server", *map(str, descriptors)],
                server_environment(self.environment, api, files, self.folder, self._hosted_zones),
                self.log,
                sockets=descriptors,
            )

    def _wait(self) -> None:
        assert self._child is not None
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self.client("sts").get_caller_identity()
                return
            except (BotoCoreError, ClientError) as error:
                if not self._child.running():
                    raise EmulatorFailed(f"The emulator ended.\n{self.log_end()}") from error
                if time.monotonic() > end:
                    raise EmulatorFailed(f"No answer yet.\n{self.log_end()}") from error
                time.sleep(0.1)

    def _require_loopback(self) -> None:
        for address in self.listening():
            if not is_loopback(address):
                raise EmulatorFailed(f"The emulator listens on {address}, beyond this machine.")

    def _stop(self) -> None:
        if self._child is not None:
            self._child.stop(STOP_SECONDS)


def _loopback_socket() -> socket.socket:
    """Bound to a port that the kernel chose, and not yet listening."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    return held
