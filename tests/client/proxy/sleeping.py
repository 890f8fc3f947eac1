"""A proxy before a deployment that sleeps, and a call that waits for it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx

from tests.client.proxy.running import Proxied, proxy_before
from tests.e2e.console.cloud import Cloud
from tests.power.house import ALICE

TEXTS = {"texts": ["Good morning.", "And welcome."]}


@contextmanager
def proxy_to(cloud: Cloud, key: str = ALICE, **settings: Any) -> Iterator[Proxied]:
    urls = (f"{cloud.url}/tts", f"{cloud.url}/whisperx", f"{cloud.url}/power")
    with proxy_before(*urls, key=key, **settings) as made:
        yield made


def later(url: str, body: object = TEXTS, **headers: str) -> Future[httpx.Response]:
    """A call in a thread of its own."""
    threads = ThreadPoolExecutor(1)
    call = threads.submit(httpx.post, url, json=body, headers=headers, timeout=60, trust_env=False)
    threads.shutdown(wait=False)
    return call


def phase(cloud: Cloud) -> str:
    return cloud.house.store.read().records["blue"].phase


def calls_of(proxied: Proxied) -> list[dict[str, Any]]:
    return proxied.proxy.calls.shown()
