"""How the servers talk to S3."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from botocore.config import Config

AWS_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn")


def s3_client(session: Any, connections: int) -> Any:
    """A client of this boto3 session for so many threads at once. Thread-safe."""

    def made(addressing: str) -> Any:
        config = Config(
            signature_version="s3v4",
            connect_timeout=2,
            read_timeout=10,
            retries={"total_max_attempts": 3, "mode": "standard"},
            max_pool_connections=connections,
            response_checksum_validation="when_required",
            s3={"addressing_style": addressing},
        )
        return session.client("s3", config=config)

    client = made("path")
    host = urlsplit(client.meta.endpoint_url).hostname or ""
    # With the bucket in the host name URLs carry the region's own address; the general one that
    # botocore would sign otherwise redirects, and a redirected signature does not hold.
    return made("virtual") if host.endswith(AWS_DOMAINS) else client
