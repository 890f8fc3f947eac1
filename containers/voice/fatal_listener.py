"""Ends supervisord when a server has failed for good, and leaves a mark for the exit status."""

import os
import signal
import sys
from pathlib import Path

from supervisor import childutils

SERVERS = "servers"


def main() -> None:
    while True:
        _, payload = childutils.listener.wait(sys.stdin, sys.stdout)
        about = childutils.get_headers(payload)
        name = about["processname"]
        if about["groupname"] != SERVERS:
            sys.stderr.write(f"{name} cannot be started; the servers go on without it\n")
            sys.stderr.flush()
            childutils.listener.ok(sys.stdout)
            continue
        sys.stderr.write(f"{name} failed again and again; stopping both servers\n")
        sys.stderr.flush()
        Path(os.environ["VOICEHOST_RUN"], "fatal").write_text(name)
        os.kill(os.getppid(), signal.SIGTERM)
        childutils.listener.ok(sys.stdout)


if __name__ == "__main__":
    main()
