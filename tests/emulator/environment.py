"""What a process needs in its environment to speak to the emulated cloud and to nothing else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from tests.emulator.authority import Certificates
from tests.emulator.children import ROOT
from tests.emulator.loopback import is_loopback

REGION = "us-east-1"
ACCOUNT = "000000000000"
# Zones that exist from the start: `ID=NAME`, separated by spaces. Read by the emulator itself.
HOSTED_ZONES = "EMULATED_HOSTED_ZONES"
# Left from whoever started the run, these would name another account, place or proxy.
STRANGERS = ("AWS_", "CDK_", "VOICE_", "GPUVOICE_", "MINISTACK_", "LOCALSTACK_")
PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}


class NotLoopback(Exception):
    """An endpoint could be reached beyond this machine; the message names it."""


def client_environment(
    endpoint: str, authority: Path, folder: Path, *, key: str, secret: str
) -> dict[str, str]:
    """For the CDK CLI, boto3 and their children. Raises NotLoopback for any other endpoint."""
    require_loopback(endpoint)
    return {
        **without_strangers(os.environ),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_CA_BUNDLE": str(authority),
        "NODE_EXTRA_CA_CERTS": str(authority),
        "SSL_CERT_FILE": str(authority),
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_HOME": str(folder / "cdk"),
        "CDK_DISABLE_VERSION_CHECK": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_DEFAULT_ACCOUNT": ACCOUNT,
        "CDK_DEFAULT_REGION": REGION,
        "NO_PROXY": "*",
        "no_proxy": "*",
    }


def server_environment(
    client: Mapping[str, str],
    port: int,
    files: Certificates,
    folder: Path,
    hosted_zones: Mapping[str, str],
) -> dict[str, str]:
    """For the emulator itself, and for the functions that it runs."""
    return {
        **client,
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "AUTH": "true",
        HOSTED_ZONES: " ".join(f"{zone}={name}" for zone, name in hosted_zones.items()),
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(files.chain),
        "MINISTACK_SSL_KEY": str(files.key),
        # A function that answers CloudFormation does it without boto3.
        "SSL_CERT_FILE": str(files.authority),
        # Both would listen on every interface.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "0",
        "STATE_DIR": str(folder / "state"),
        "TMPDIR": str(folder),
        # Tasks are the container host's business, functions run as plain processes.
        "DOCKER_HOST": f"unix://{folder}/nobody.sock",
        "LAMBDA_EXECUTOR": "local",
        "ALB_TARGET_IDLE_TIMEOUT_SECONDS": "300",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'containers/voice'}",
    }


def require_loopback(endpoint: str) -> None:
    host = urlsplit(endpoint).hostname or ""
    if not is_loopback(host):
        raise NotLoopback(
            f"The emulated cloud must be on this machine, and {endpoint} is not: "
            "use an address such as https://127.0.0.1."
        )


def without_strangers(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith(STRANGERS) and name.lower() not in PROXIES
    }
