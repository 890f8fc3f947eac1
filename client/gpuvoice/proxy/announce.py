"""What `gpuvoice proxy` says when it listens."""

from __future__ import annotations

from typing import Any

from gpuvoice.addresses import is_loopback
from gpuvoice.proxy.ports import Proxy
from gpuvoice.proxy.settings import LOOPBACK

NAMES = {"TTS_PORT": "speech", "WHISPERX_PORT": "recognition", "PROXY_PORT": "console"}


def addresses(proxy: Proxy) -> dict[str, Any]:
    """Where it listens, and where it sends calls."""
    host = proxy.settings.host
    name = LOOPBACK if is_loopback(host) or host in ("0.0.0.0", "::") else host  # noqa: S104
    name = f"[{name}]" if ":" in name else name
    found: dict[str, Any] = {
        NAMES[variable]: f"http://{name}:{port.number}" for variable, port in proxy.ports.items()
    }
    found["upstream"] = {str(role): upstream.shown for role, upstream in proxy.upstreams.items()}
    return found


def sentences(proxy: Proxy) -> list[str]:
    """Lines for a person; the last one is the console's address."""
    found = addresses(proxy)
    upstream, settings = found["upstream"], proxy.settings
    lines = [
        f"{found[role]} sends calls on to {upstream[role]}"
        for role in ("speech", "recognition")
        if role in found
    ]
    if settings.local:
        lines.append(f"The servers: {upstream['speech']} and {upstream['recognition']}")
    elif not proxy.upstreams["speech"].has_key:
        lines.append("There is no key: servers that want one refuse (`gpuvoice config init`).")
    for url in {each.shown: None for each in proxy.upstreams.values() if each.tells_key}:
        lines.append(f"The key goes to {url} without encryption: write https:// in the settings.")
    pages = ", ".join(settings.origins) or "pages of this machine"
    lines.append(f"Who may call from a browser: {pages}; --origin names others.")
    if not is_loopback(settings.host):
        lines.append("It is reached from other machines, by its own key and without encryption.")
    return [*lines, f"The console: {found['console']}"]
