"""Whom TLS connections trust."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


@cache
def authorities() -> ssl.SSLContext:
    """Those of `SSL_CERT_FILE`, `SSL_CERT_DIR` or certifi, read once: it takes some 30 ms."""
    return httpx.create_ssl_context()
