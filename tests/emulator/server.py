"""The emulator's own process: MiniStack with the extension, on sockets that its parent opened.

`python -m tests.emulator.server API HTTPS HTTP`: three numbers of inherited, bound sockets. The
API and the HTTPS door speak TLS, the HTTP door does not.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.core import tls

from tests.emulator.doors import Doors
from tests.emulator.environment import HOSTED_ZONES
from tests.emulator.extension import hosted_zones, install


def main(descriptors: list[int]) -> None:
    install()
    for zone in os.environ.get(HOSTED_ZONES, "").split():
        hosted_zones.have(*zone.split("="))
    api, https, http = descriptors
    configuration = Config()
    configuration.bind = [f"fd://{api}", f"fd://{https}"]
    configuration.insecure_bind = [f"fd://{http}"]
    configuration.certfile, configuration.keyfile = tls.resolve_tls_material()
    configuration.keep_alive_timeout = 120
    configuration.keep_alive_max_requests = 1_000_000
    configuration.include_server_header = False
    doors = Doors({_port(https): 443, _port(http): 80})
    # Its state is in memory and nobody needs it any more: SIGTERM simply ends the process.
    asyncio.run(serve(doors, configuration, shutdown_trigger=asyncio.Future))  # type: ignore[arg-type]


def _port(descriptor: int) -> int:
    with socket.socket(fileno=socket.dup(descriptor)) as copy:
        return int(copy.getsockname()[1])


if __name__ == "__main__":
    main([int(number) for number in sys.argv[1:]])
