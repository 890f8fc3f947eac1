"""One of the two servers: where it is, and what the power controller would ask of it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

INTERNAL = {"X-Voice-Internal": "1"}
ANSWER_SECONDS = 60
SETTLE_SECONDS = 10.0

_thread = threading.local()


@dataclass(frozen=True, slots=True)
class Target:
    """`name` is tts or whisperx; `url` has no slash at its end."""

    name: str
    url: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "localhost"

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 80

    def resume(self) -> None:
        """End both leases, the drain and the refusal of batches, whoever asked for them."""
        session().post(f"{self.url}/internal/resume", headers=INTERNAL, timeout=ANSWER_SECONDS)
        allowed = {"allowed": True}
        session().post(
            f"{self.url}/internal/batches", headers=INTERNAL, json=allowed, timeout=ANSWER_SECONDS
        )

    def end_faults(self) -> list[str]:
        """What is wrong with the server after everybody has left it."""
        try:
            live = session().get(f"{self.url}/live", timeout=ANSWER_SECONDS)
            if live.status_code != 200:
                return [f"{self.name}: /live answers {live.status_code}"]
            end = time.monotonic() + SETTLE_SECONDS
            while (left := self._in_flight()) and time.monotonic() < end:
                time.sleep(0.1)
        except (requests.RequestException, ValueError, KeyError) as error:
            return [f"{self.name}: is not there any more: {error!r}"]
        return [f"{self.name}: {left} requests are still counted as under way"] if left else []

    def _in_flight(self) -> int:
        url = f"{self.url}/internal/activity"
        now = session().get(url, headers=INTERNAL, timeout=ANSWER_SECONDS).json()
        return int(now["in_flight"]) + int(now["queue_depth"])


def session() -> requests.Session:
    """This thread's connections. Proxies of the environment are left out."""
    if not hasattr(_thread, "session"):
        _thread.session = requests.Session()
        _thread.session.trust_env = False
    found: requests.Session = _thread.session
    return found
