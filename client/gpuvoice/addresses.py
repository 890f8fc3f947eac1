"""URLs of servers: checked, joined, and shown without what is secret in them."""

from __future__ import annotations

import ipaddress

import httpx

from gpuvoice.errors import ConfigError

# For httpx's `mounts`: to this machine itself no proxy of the network leads.
DIRECT: dict[str, httpx.BaseTransport | None] = {
    "all://localhost": None,
    "all://127.0.0.1": None,
    "all://[::1]": None,
}


def checked(url: str, name: str) -> str:
    """The URL without a slash at its end. Raises ConfigError."""
    text = url.strip().rstrip("/")
    try:
        parsed = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        raise ConfigError(
            f"{name} is not a URL. Write it like https://gpu.example.com/tts"
        ) from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ConfigError(f"{name} must begin with http:// or https:// and name a host.")
    if parsed.query or parsed.fragment:
        raise ConfigError(f"{name} may have no ? or # in it: paths are appended to it.")
    return text


def shown(url: str) -> str:
    """The URL without user information."""
    return str(httpx.URL(url).copy_with(userinfo=b"")).rstrip("/")


def user_of(url: str) -> tuple[str, str] | None:
    """Name and password in the URL."""
    parsed = httpx.URL(url)
    return (parsed.username, parsed.password) if parsed.userinfo else None


def power_of(speech_url: str) -> str:
    """Where the power switch is: beside `/tts`, or under a server that has no such prefix."""
    base = speech_url[: -len("/tts")] if speech_url.endswith("/tts") else speech_url
    return f"{base}/power"


def is_loopback(host: str) -> bool:
    """Whether a name or address is this machine's own, reached from itself alone."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
