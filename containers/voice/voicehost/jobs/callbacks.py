"""Telling somebody that a job has ended."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit, urlunsplit

import urllib3

from voicehost.errors import RequestError
from voicehost.hosts import dns_name, host_and_port
from voicehost.jobs.addresses import pool
from voicehost.settings import is_loopback

log = logging.getLogger(__name__)

MOST_CHARACTERS = 2000
CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 10.0
# Between the tries.
PAUSES = (5.0, 30.0)
PORTS = {"https": 443, "http": 80}
NOBODY = (
    "callback: this server calls nobody. Ask for the job's state instead, or have the host named "
    "in VOICE_CALLBACK_HOSTS."
)
SHAPE = (
    "callback: send a URL like https://example.com/path, without user and password; plain http is "
    "for this machine alone."
)


class Callbacks:
    """`hosts` are those that may be called, as `host` or `host:port`; `pauses` in seconds."""

    def __init__(self, hosts: Sequence[str], pauses: Sequence[float] = PAUSES) -> None:
        self._hosts = {host_and_port(host) for host in hosts}
        self._pauses = pauses
        self._closed = threading.Event()
        self._pool = pool(
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=ANSWER_SECONDS),
        )

    def close(self) -> None:
        """No further try; those to come are the next process's."""
        self._closed.set()

    def check(self, url: str) -> str:
        """The URL to call. Raises RequestError when it is none, or its host is not to be called."""
        if not self._hosts:
            raise RequestError(NOBODY)
        try:
            parts = urlsplit(url)
            host, port = dns_name(parts.hostname or ""), parts.port
        except ValueError:
            raise RequestError(SHAPE) from None
        if not _shaped(url, parts, host):
            raise RequestError(SHAPE)
        default = PORTS[parts.scheme]
        named = (host, port or default) in self._hosts
        if not named and not ((host, None) in self._hosts and (port or default) == default):
            raise RequestError(
                "callback: this host and port are not among those that this server calls "
                "(VOICE_CALLBACK_HOSTS)."
            )
        return _spelt(parts, host)

    def tell(self, url: str, body: dict[str, object], job: str) -> bool:
        """POST the body; several tries. False when the server ends before they are over."""
        data = json.dumps(body).encode()
        for pause in (*self._pauses, None):
            if self._closed.is_set():
                return False
            if self._once(url, data, job):
                return True
            if pause is not None and self._closed.wait(pause):
                return False
        log.warning("callback given up", extra={"job": job, "tries": len(self._pauses) + 1})
        return True

    def _once(self, url: str, data: bytes, job: str) -> bool:
        # Neither the path nor the query is logged: they may hold secrets.
        where = {"job": job, "host": urlsplit(url).hostname}
        try:
            response = self._pool.request(
                "POST",
                self.check(url),  # the hosts may be others since it was sent
                body=data,
                headers={"Content-Type": "application/json"},
                redirect=False,
                preload_content=False,
            )
            response.close()
        except (urllib3.exceptions.HTTPError, RequestError) as error:
            log.warning("callback failed", extra={**where, "reason": type(error).__name__})
            return False
        if not 200 <= response.status < 300:
            log.warning("callback refused", extra={**where, "status": response.status})
            return False
        return True


def _shaped(url: str, parts: SplitResult, host: str) -> bool:
    secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    return (
        len(url) <= MOST_CHARACTERS
        and url.isprintable()
        and not set(url) & set(" \\")
        and secure
        and host != ""
        and "@" not in parts.netloc
        and parts.fragment == ""
    )


def _spelt(parts: SplitResult, host: str) -> str:
    """The URL with the host as it was checked, so that nobody reads another one out of it."""
    name = f"[{host}]" if ":" in host else host
    netloc = name if parts.port is None else f"{name}:{parts.port}"
    return urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))
