"""Templates take seconds: those that many tests look at are made once."""

from __future__ import annotations

import pytest

from tests.infrastructure.stacks_under_test import Stacks, stacks


@pytest.fixture(scope="session")
def dev() -> Stacks:
    """dev after its first deploy."""
    return stacks()
