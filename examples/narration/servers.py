"""One speech server over HTTP: ask, wait while it is busy, and believe only `success`."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from examples.narration.failures import ServerError, ServerUnreachable

BUSY = (429, 503)
SHORTEST_WAIT_S = 0.2
USUAL_WAIT_S = 5.0


class SpeechServer:
    """A server at `url`, which may carry a path prefix and user information.

    `read_timeout_s` is the longest silence within one answer, `patience_s` the time to go on
    asking a server that says it is busy or still loading. `talk` hears why it takes long.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        api_key: str = "",
        read_timeout_s: float,
        patience_s: float,
        talk: Callable[[str], None],
    ) -> None:
        self.name = name
        self.url = url.rstrip("/")
        self.shown_url = str(httpx.URL(self.url).copy_with(userinfo=b""))
        self._patience_s = patience_s
        self._talk = talk
        self._client = httpx.Client(
            headers={"X-API-Key": api_key} if api_key else {},
            timeout=httpx.Timeout(read_timeout_s, connect=10.0),
        )

    def health(self) -> dict[str, Any]:
        """Who answers: engine, device and model, as the server tells it."""
        return self._ask("GET", "/health", None)

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a POST; raises ServerError unless it says `"success": true`."""
        answer = self._ask("POST", path, body)
        if answer.get("success") is not True:
            raise ServerError(f"The {self.name} server failed at {path}: {_error_text(answer)}")
        return answer

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
        give_up_at = time.monotonic() + self._patience_s
        while True:
            response = self._send(method, path, body)
            answer = _json_object(response)
            if response.is_success:
                return answer
            error = f"The {self.name} server answered {response.status_code} at {path}: "
            error += _error_text(answer)
            wait_s = retry_after_s(response.headers.get("Retry-After", ""))
            if response.status_code not in BUSY or time.monotonic() + wait_s > give_up_at:
                raise ServerError(error)
            self._talk(f"{error} Asking again in {wait_s:.0f} s.")
            time.sleep(wait_s)

    def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> httpx.Response:
        try:
            return self._client.request(method, self.url + path, json=body)
        except httpx.TransportError as error:
            raise ServerUnreachable(
                f"No answer from the {self.name} server at {self.shown_url}{path}: "
                f"{error or type(error).__name__}. "
                "Start both servers with `make run` in another terminal."
            ) from error


def retry_after_s(header: str) -> float:
    """Seconds to wait by a Retry-After header; a date or nothing means the usual wait."""
    return max(float(header), SHORTEST_WAIT_S) if header.isdecimal() else USUAL_WAIT_S


def _json_object(response: httpx.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    return answer if isinstance(answer, dict) else {"error": f"no JSON: {response.text[:200]!r}"}


def _error_text(answer: Mapping[str, Any]) -> str:
    return str(answer.get("error") or "no reason given")
