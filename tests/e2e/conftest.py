"""What the end-to-end tests need: Node with axios, Chromium, a page's own server, keyed servers."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.pages import HOME, STUDIO, PageServer
from tests.e2e.samples import SECRET
from tests.e2e.visits import Browser
from tests.servers import Running, running_servers

ROOT = Path(__file__).resolve().parents[2]
NODE_MAJOR = 20
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECRET_HASH = hashlib.sha256(SECRET.encode()).hexdigest()


def find_node() -> tuple[str, str]:
    """Path of Node 20 or newer, or what to do; one of the two is empty."""
    wanted = f"install Node {NODE_MAJOR} or newer (`node`)"
    node = shutil.which("node")
    if node is None:
        return "", wanted
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return (node, "") if int(said.strip("v\n").split(".")[0]) >= NODE_MAJOR else ("", wanted)


def find_axios() -> tuple[str, str]:
    """Where axios lies, or what to do."""
    axios = ROOT / "node_modules" / "axios"
    return (str(axios), "") if axios.is_dir() else ("", "run `npm ci` (`node_modules/axios`)")


def find_chromium() -> tuple[str, str]:
    """Path of Chromium or Chrome, or what to do."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return (found, "") if found else ("", "install `chromium` or `google-chrome`")


def need(found: tuple[str, str]) -> str:
    """The path. Where it is missing the test is skipped; in CI, which has to have it, it fails."""
    path, advice = found
    if advice and os.environ.get("CI"):
        pytest.fail(f"CI is set and a tool is missing: {advice}")
    if advice:
        pytest.skip(advice)
    return path


@pytest.fixture(scope="session")
def node() -> str:
    path = need(find_node())
    need(find_axios())
    return path


@pytest.fixture(scope="session")
def page_server() -> Iterator[PageServer]:
    """Serves the test page at an origin that is neither speech server's."""
    with PageServer() as server:
        yield server


@pytest.fixture(scope="session")
def browser(page_server: PageServer, tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return Browser(need(find_chromium()), page_server, tmp_path_factory)


@pytest.fixture(scope="session")
def keyed_servers(
    page_server: PageServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """Servers with a key, small limits, quick heartbeats and two origins that may call."""
    settings = {
        "VOICE_ENGINE": "clock",
        "VOICE_KEYS": f"alice=sha256:{SECRET_HASH}",
        "VOICE_CORS_ORIGINS": f"{page_server.origin(HOME)}, {page_server.origin(STUDIO)}",
        "VOICE_HEARTBEAT_SECONDS": "1",
        "VOICE_BODY_MIB": "1",
        "VOICE_TEXT_BODY_MIB": "1",
        "VOICE_BATCH_ROWS": "4",
        "VOICE_KEY_ITEMS": "8",
    }
    with running_servers(tmp_path_factory.mktemp("keyed"), settings) as running:
        yield running
