"""What the command line and the environment say; nothing else here reads either."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from gpuvoice.addresses import is_loopback
from gpuvoice.errors import ConfigError
from gpuvoice.secret import Secret

Wake = Literal["work", "health", "never"]
PORTS = {"tts_port": "TTS_PORT", "whisperx_port": "WHISPERX_PORT", "proxy_port": "PROXY_PORT"}
KEY_VARIABLE = "GPUVOICE_PROXY_KEY"
LEAST_KEY_CHARACTERS = 16
LOOPBACK = "localhost"


@dataclass(frozen=True)
class ProxySettings:
    """`host` localhost is 127.0.0.1 and ::1. `own_key` opens the proxy itself, where it has one."""

    host: str = LOOPBACK
    tts_port: int = 5000
    whisperx_port: int = 5001
    proxy_port: int = 8080
    local: bool = False
    wake: Wake = "work"
    origins: tuple[str, ...] = ()
    allow_hosts: tuple[str, ...] = ()
    own_key: Secret = field(default_factory=Secret)
    # For the servers of this machine; those of a cloud have theirs from the client's settings.
    local_key: Secret = field(default_factory=Secret)
    patience_seconds: float = 45 * 60
    heartbeat_seconds: float = 15
    # An upstream that answered well within this time is not asked first whether it is awake.
    fresh_seconds: float = 10
    # Between two questions whether the GPU is ready.
    least_wait_seconds: float = 1
    most_wait_seconds: float = 10
    # How long nobody may answer: where somebody did before, and where nobody ever did.
    gone_seconds: float = 60
    never_there_seconds: float = 5
    spool_mib: int = 512
    spools_mib: int = 2048
    graceful_seconds: int = 5

    @classmethod
    def from_env(
        cls, environ: Mapping[str, str] | None = None, *, key_file: Path | None = None, **given: Any
    ) -> ProxySettings:
        """The environment's ports and key, and what the command line says. Raises ConfigError."""
        environ = os.environ if environ is None else environ
        ports = {name: _port(environ, variable) for name, variable in PORTS.items()}
        known = {name: port for name, port in ports.items() if port is not None}
        key = _read_key(key_file) if key_file is not None else environ.get(KEY_VARIABLE, "")
        local_key = Secret(environ.get("TTS_API_KEY", "").strip())
        settings = replace(
            cls(**{"local_key": local_key, **known, **given}), own_key=_checked_key(key.strip())
        )
        _check_apart(settings)
        if not is_loopback(settings.host) and not settings.own_key:
            raise ConfigError(
                f"--host {settings.host} would let others use your key and your GPU. Give the "
                f"proxy a key of its own: --key-file FILE, or {KEY_VARIABLE}."
            )
        return settings

    def port_variables(self) -> dict[int, str]:
        """The ports that it listens on, and the variable that moves each."""
        names = ["proxy_port"] if self.local else list(PORTS)
        return {getattr(self, name): PORTS[name] for name in names}


def _check_apart(settings: ProxySettings) -> None:
    taken: dict[int, str] = {}
    for name, variable in PORTS.items():
        port = getattr(settings, name)
        if port in taken:
            raise ConfigError(f"{taken[port]} and {variable} are both {port}. Change one of them.")
        taken[port] = variable


def _port(environ: Mapping[str, str], variable: str) -> int | None:
    given = environ.get(variable, "").strip()
    if not given:
        return None
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise ConfigError(f"{variable} must be a port from 1 to 65535, not {given[:20]!r}.")
    return int(given)


def _read_key(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise ConfigError(f"The key file {file} cannot be read.") from None


def _checked_key(key: str) -> Secret:
    if key and (len(key) < LEAST_KEY_CHARACTERS or not key.isascii() or not key.isprintable()):
        raise ConfigError(
            f"The proxy's own key must have at least {LEAST_KEY_CHARACTERS} plain characters: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(32))' makes one."
        )
    return Secret(key)
