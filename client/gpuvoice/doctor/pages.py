"""Whether pages of an origin may call: the preflight that a browser sends before a JSON call."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from gpuvoice.config import ClientConfig
from gpuvoice.doctor.asking import Answer, Asker
from gpuvoice.doctor.finding import Finding, fail, ok, skipped
from gpuvoice.doctor.servers import Name, Seen
from gpuvoice.doctor.settings import has_key
from gpuvoice.errors import ConfigError

# What pages call, whatever else they call.
CALLS: dict[Name, str] = {"speech": "/generate_batch", "recognition": "/align_batch"}
ANY = "*"


def origin_of(text: str) -> str:
    """As a browser writes it. Raises ConfigError."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.path != "/" or url.query:
        raise ConfigError(
            "--origin is the beginning of a page's address and no more: https://slides.example.com"
        )
    return str(url).rstrip("/")


def check_pages(
    config: ClientConfig, asker: Asker, both: tuple[Seen, Seen], origin: str | None
) -> Iterator[Finding]:
    if origin is None:
        yield skipped(
            "pages (CORS)", "no page named", "Name one: --origin https://slides.example.com"
        )
        return
    headers = ["content-type", *(["x-api-key"] if has_key(config) else [])]
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": ",".join(headers),
    }
    for seen, url in zip(both, (config.speech_url, config.recognition_url), strict=True):
        check = f"pages (CORS), {seen.name} server"
        if not seen.health.there:
            yield skipped(check, "the server does not answer")
            continue
        answer = asker.preflight(url + CALLS[seen.name], asked)
        lack = _lacks(answer, origin, headers) or _hidden(seen.health, origin)
        if lack:
            yield fail(
                check,
                f"a page of {origin} may not call: {lack}",
                "Put the origin under servers.cors_origins in config/ENV.yaml and deploy; on a "
                "machine of your own, in VOICE_CORS_ORIGINS. Through `gpuvoice proxy` pages need "
                "its own setting.",
            )
        else:
            yield ok(check, f"pages of {origin} may call")


def _lacks(answer: Answer, origin: str, headers: list[str]) -> str:
    """What a browser would miss in the answer to its preflight; "" if nothing."""
    if not answer.there:
        return f"its preflight gets no answer ({answer.error})"
    if not 200 <= answer.status < 300:
        return f"its preflight gets {answer.status}, and a browser wants 2xx"
    hidden = _hidden(answer, origin)
    if hidden:
        return hidden
    granted = _list(answer, "access-control-allow-headers")
    for name in headers:
        if name not in granted and ANY not in granted:
            return f"Access-Control-Allow-Headers lacks {name}"
    return ""


def _hidden(answer: Answer, origin: str) -> str:
    """Why a browser would not show this answer to the page; "" if it would."""
    allowed = answer.headers.get("access-control-allow-origin", "")
    if not allowed:
        return f"the header Access-Control-Allow-Origin is missing ({answer.status})"
    if allowed not in (origin, ANY):
        return f"Access-Control-Allow-Origin names {allowed}"
    return ""


def _list(answer: Answer, header: str) -> list[str]:
    return [each.strip().lower() for each in answer.headers.get(header, "").split(",")]
