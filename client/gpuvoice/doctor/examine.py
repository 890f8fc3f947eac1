"""All checks, in the order in which one would look."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from gpuvoice.config import ClientConfig
from gpuvoice.doctor.account import check_account
from gpuvoice.doctor.asking import Asker
from gpuvoice.doctor.clock import check_clock
from gpuvoice.doctor.connection import check_connections
from gpuvoice.doctor.finding import Finding
from gpuvoice.doctor.key import check_key
from gpuvoice.doctor.pages import check_pages
from gpuvoice.doctor.precision import check_precision
from gpuvoice.doctor.servers import check_servers, look
from gpuvoice.doctor.settings import check_settings
from gpuvoice.doctor.versions import check_versions


def examine(
    config: ClientConfig,
    *,
    origin: str | None = None,
    environment: str | None = None,
    region: str | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Iterator[Finding]:
    """What is found, as it is found; nothing is raised. `environment` is the one whose AWS account
    is looked into, `transport` stands in for the network."""
    yield from check_settings(config)
    if transport is None:
        yield from check_connections((config.speech_url, config.recognition_url))
    with Asker(config.api_key, transport) as asker:
        both = look(config, asker, origin)
        yield from check_servers(both)
        yield from check_key(config, asker, both)
        yield from check_pages(config, asker, both, origin)
    yield from check_versions(both)
    yield from check_precision(both)
    yield check_clock(both)
    yield from check_account(environment, region)
