"""Chromium, the proxy before real servers, and a deployment that sleeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.conftest import find_chromium, need
from tests.e2e.console.cloud import Cloud, open_cloud
from tests.e2e.console.proxies import proxy_of_deployment, proxy_of_this_machine
from tests.e2e.console.visits import Visit, visit
from tests.power.conftest import account, house
from tests.power.house import ALICE, House
from tests.servers import Running

__all__ = ["account", "house"]
FLAGS = ["--disable-quic", "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip


# Playwright's event loop runs as long as it does: no other test may meet it.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    program = need(find_chromium())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, chromium_sandbox=False, args=FLAGS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def local_console(cpu_servers: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the console before the servers of this machine."""
    with proxy_of_this_machine(cpu_servers, tmp_path_factory.mktemp("local")) as address:
        yield address


@pytest.fixture
def here(chromium: Browser, local_console: str) -> Iterator[Visit]:
    """The console of this machine, just opened."""
    with visit(chromium, local_console) as made:
        made.is_called("On")
        yield made


@pytest.fixture
def calm(chromium: Browser, local_console: str) -> Iterator[Visit]:
    """The same, with nobody who makes it look sooner than it does by itself."""
    with visit(chromium, local_console, hurried=False) as made:
        made.is_called("On")
        yield made


@pytest.fixture
def cloud(house: House, cpu_servers: Running) -> Iterator[Cloud]:
    with open_cloud(house, cpu_servers) as made:
        yield made


@pytest.fixture
def cloud_console(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the console before a deployment that sleeps."""
    folder = tmp_path_factory.mktemp("cloud")
    with proxy_of_deployment(cloud.url, ALICE, folder, fresh=True) as address:
        yield address


@pytest.fixture
def there(chromium: Browser, cloud_console: str) -> Iterator[Visit]:
    """The console of a sleeping deployment, just opened."""
    with visit(chromium, cloud_console) as made:
        made.is_called("Asleep")
        yield made


@pytest.fixture
def calm_there(chromium: Browser, cloud: Cloud, tmp_path: Path) -> Iterator[Visit]:
    """The same as people have it: page and proxy look when they do by themselves."""
    with (
        proxy_of_deployment(cloud.url, ALICE, tmp_path) as address,
        visit(chromium, address, hurried=False) as made,
    ):
        made.is_called("Asleep")
        yield made
