"""Small checkpoints and the servers that run them, shared by a whole test run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models.cached import cached
from tests.models.make import make_models
from tests.models.variables import with_models
from tests.servers import Running, running_servers


@pytest.fixture(scope="session")
def models() -> Path:
    """A folder like an image's /models. Tests read it; who writes takes a copy."""
    return cached("models", make_models)


@pytest.fixture(scope="session")
def model_servers(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Both servers of the `cuda` family on the CPU, without keys."""
    with running_servers(tmp_path_factory.mktemp("models"), with_models(models)) as running:
        yield running
