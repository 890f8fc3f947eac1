"""Servers shared by a whole test run: starting them takes seconds."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from functools import cache

import botocore.session
import pytest

from tests.servers import Running, running_servers

# Named on the command line they run: with the true models in their own environment, and with a
# container engine.
collect_ignore = ["models", "image"]
# A shell starts what runs in the background deaf to Ctrl-C, and so would be what the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
# Each session of boto3 reads the descriptions of its services anew, some 50 ms for each client.
botocore.session.create_loader = cache(botocore.session.create_loader)


@pytest.fixture(scope="session")
def cpu_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Both servers with real voices and ears, without keys."""
    with running_servers(tmp_path_factory.mktemp("cpu"), {}) as running:
        yield running
