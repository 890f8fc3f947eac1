"""One emulated cloud for a whole test run, and stacks that are gone when their test ends.

A test module asks for them with `pytest_plugins = ["tests.emulator.fixture"]`; imported instead,
each module would start a cloud of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.emulator.balanced import OUTPUTS, Stand, resources, target
from tests.emulator.door import Door
from tests.emulator.emulator import Emulator
from tests.emulator.stack import Stack

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """The emulated cloud, shared: use names of your own."""
    with Emulator(tmp_path_factory.mktemp("cloud")) as emulator:
        yield emulator


@pytest.fixture
def stack(cloud: Emulator) -> Iterator[Stack]:
    """A stack that does not exist yet."""
    made = Stack(cloud, f"contract-{next(_numbers)}")
    yield made
    made.delete()


@pytest.fixture
def stand(cloud: Emulator, stack: Stack) -> Iterator[Stand]:
    """A load balancer on which blue has all the weight; both groups have one server each."""
    found = stack.put(resources(Blue=100, Green=0), **OUTPUTS)
    elb = cloud.client("elbv2")
    with ExitStack() as servers:
        for name in ("Blue", "Green"):
            port = servers.enter_context(target(name))
            one = {"Id": "127.0.0.1", "Port": port}
            elb.register_targets(TargetGroupArn=found[name], Targets=[one])
        (balancer,) = elb.describe_load_balancers(LoadBalancerArns=[found["Door"]])["LoadBalancers"]
        door = servers.enter_context(Door(cloud, balancer["DNSName"]))
        yield Stand(stack, door, found)
