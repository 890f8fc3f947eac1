"""Hosts that settings name."""

from __future__ import annotations

from urllib.parse import urlsplit


def host_and_port(given: str) -> tuple[str, int | None]:
    """(name as DNS has it, port) of `host` or `host:port`. Raises ValueError."""
    try:
        parts = urlsplit("//" + given)
        name, port = dns_name(parts.hostname or ""), parts.port
    except ValueError:
        name, port = "", None
    if not name or "@" in given or parts.path or parts.query or parts.fragment:
        raise ValueError(f"{given!r} is not a host; write it as example.com or example.com:8443")
    return name, port


def dns_name(host: str) -> str:
    """In lower case, other letters in ASCII. Raises ValueError."""
    if ":" in host:
        return host.lower()
    return host.rstrip(".").encode("idna").decode().lower()
