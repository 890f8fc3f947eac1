"""The container's health check: whether both servers say that they live."""

from __future__ import annotations

import http.client

from voicehost.settings import VoiceHostSettings

ANSWER_SECONDS = 2
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def not_live(settings: VoiceHostSettings) -> list[str]:
    """A phrase for each server that does not answer, or says that it does not live."""
    host = ANY_ADDRESS.get(settings.host, settings.host)
    ports = {"tts": settings.tts_port, "whisperx": settings.whisperx_port}
    failures = {name: _failure(host, port) for name, port in ports.items()}
    return [f"{name} {failure}" for name, failure in failures.items() if failure]


def _failure(host: str, port: int) -> str:
    connection = http.client.HTTPConnection(host, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/live")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return f"does not answer on port {port}"
    finally:
        connection.close()
    return "" if status == http.client.OK else f"answers /live with {status}"
