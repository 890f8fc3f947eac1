"""Ends supervisord when a server has failed for good, and leaves a mark for the exit status."""

import os
import signal
import sys
from pathlib import Path

from supervisor import childutils


def main() -> None:
    while True:
        _, payload = childutils.listener.wait(sys.stdin, sys.stdout)
        name = childutils.get_headers(payload)["processname"]
        sys.stderr.write(f"{name} failed again and again; stopping both servers\n")
        sys.stderr.flush()
        Path(os.environ["VOICEHOST_RUN"], "fatal").write_text(name)
        os.kill(os.getppid(), signal.SIGTERM)
        childutils.listener.ok(sys.stdout)


if __name__ == "__main__":
    main()
