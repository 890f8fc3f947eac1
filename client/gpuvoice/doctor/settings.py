"""Which servers are meant, with which key, and where each of these comes from."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from ipaddress import ip_address

import httpx

from gpuvoice.addresses import shown
from gpuvoice.config import ClientConfig
from gpuvoice.doctor.finding import Finding, fail, ok, warn

NAMES = {
    "speech_url": "speech URL",
    "recognition_url": "recognition URL",
    "power_url": "power URL",
}
INIT = "Name yours: `gpuvoice config init`, or --url https://gpu.example.com"


def check_settings(config: ClientConfig) -> Iterator[Finding]:
    for name, what in NAMES.items():
        url, source = getattr(config, name), config.sources.get(name, "argument")
        preset = " (the preset: a server or proxy on this machine)" if source == "default" else ""
        yield ok(what, f"{shown(url)}, from: {source}{preset}")
    yield _key(config)
    yield from _mixed(config)
    yield from _file(config)


def has_key(config: ClientConfig) -> bool:
    """Whether a key is sent, as a header or inside the URL."""
    return bool(config.api_key) or bool(httpx.URL(config.speech_url).password)


def on_this_machine(host: str) -> bool:
    """Of a host's name or address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _key(config: ClientConfig) -> Finding:
    if not has_key(config):
        return ok("key", "none is set")
    source = config.sources.get("api_key", "argument") if config.api_key else "the URL"
    urls = (config.speech_url, config.recognition_url, config.power_url)
    bare = [
        url
        for url in urls
        if url.startswith("http://") and not on_this_machine(httpx.URL(url).host)
    ]
    if bare:
        return fail(
            "key",
            f"from: {source}; it is sent readable to {shown(bare[0])}",
            "Use the https:// address.",
        )
    return ok("key", f"from: {source}")


def _mixed(config: ClientConfig) -> Iterator[Finding]:
    speech, recognition = (
        httpx.URL(url).host for url in (config.speech_url, config.recognition_url)
    )
    if on_this_machine(speech) != on_this_machine(recognition):
        here, there = ("speech", "recognition") if on_this_machine(speech) else (
            "recognition", "speech")  # fmt: skip
        yield warn(
            "both servers",
            f"the {here} server is on this machine, the {there} server is elsewhere",
            f"If both should be elsewhere: {INIT}",
        )


def _file(config: ClientConfig) -> Iterator[Finding]:
    if config.file is None or config.sources.get("api_key") != str(config.file):
        return
    mode = stat.S_IMODE(config.file.stat().st_mode)
    if mode & 0o077:
        yield warn(
            "settings file",
            f"{config.file} holds a key, and others on this machine may read it ({mode:o})",
            f"chmod 600 {config.file}",
        )
