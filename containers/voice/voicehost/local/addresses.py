"""Where the two servers listen, and who answers there."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.error
import urllib.request
from dataclasses import dataclass

from voicehost.local.servers import StartFailed
from voicehost.settings import VoiceHostSettings

HERE = ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::")
# Requests to this machine must not go through a proxy from the environment.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Address:
    """`variable` is the environment variable that moves the port."""

    engine: str
    host: str
    port: int
    variable: str

    @property
    def url(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{'localhost' if self.host in HERE else name}:{self.port}"

    def is_ours(self) -> bool:
        """Whether one of our servers answers there."""
        return bool(self.get("/health")[1].get("engine") == self.engine)

    def is_ready(self) -> bool:
        return self.get("/ready")[0] == 200

    def get(self, path: str) -> tuple[int, dict[str, object]]:
        """Status and JSON; (0, {}) when nobody answers with JSON."""
        try:
            with _opener.open(self.url + path, timeout=5) as answer:
                found = json.load(answer)
                return answer.status, found if isinstance(found, dict) else {}
        except urllib.error.HTTPError as error:
            return error.code, {}
        except (OSError, ValueError, http.client.HTTPException):
            return 0, {}

    def require_free(self) -> None:
        """Raise StartFailed when the port is taken."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise StartFailed(
                    f"port {self.port} cannot be used ({error.strerror}). End the program that "
                    f"uses it (on a Mac: AirPlay Receiver), or choose another port: "
                    f"{self.variable}={self.port + 10} make run"
                ) from None


def addresses(settings: VoiceHostSettings) -> list[Address]:
    return [
        Address("qwen3-tts", settings.host, settings.tts_port, "TTS_PORT"),
        Address("whisperx", settings.host, settings.whisperx_port, "WHISPERX_PORT"),
    ]
