"""The two kinds of backend that a team's page has, with the handlers of the examples."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.consumers.proxies import clean_environment
from tests.e2e.consumers.sites import EXAMPLES
from tests.emulator.children import Child
from tests.patience import until
from tests.servers import free_ports

FOLDER = Path(__file__).resolve().parent
START_SECONDS = 60
STOP_SECONDS = 5


@contextmanager
def running_backend(node: str, kind: str, proxy: str, folder: Path) -> Iterator[str]:
    """The origin of a `vite` or `express` backend, which serves the team's page."""
    (port,) = free_ports(1)
    program = FOLDER / f"{kind}_app.mjs"
    command = [node, str(program), str(port), str(EXAMPLES), proxy, str(folder / "cache")]
    log = folder / f"{kind}.log"
    process = Child(command, clean_environment(), log)
    try:
        until(lambda: not process.running() or "ready\n" in log.read_text(), START_SECONDS)
        assert process.running(), process.log_end()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.stop(STOP_SECONDS)
