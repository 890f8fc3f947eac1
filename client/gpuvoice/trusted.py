"""Whom TLS connections trust."""

from __future__ import annotations

import os
import ssl
from functools import cache

import httpx


def authorities() -> ssl.SSLContext:
    """Those of `SSL_CERT_FILE`, `SSL_CERT_DIR` or certifi; each read once, as that takes long."""
    return _read(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _read(file: str | None, folder: str | None) -> ssl.SSLContext:
    return httpx.create_ssl_context()
