"""gunicorn for either server: one process, many threads, the model on a thread of its own."""

import os
import signal
from typing import Any

from voicehost.parent import end_with_parent
from voicehost.settings import VoiceHostSettings
from voicehost.worker import refuse_open_door

_settings = VoiceHostSettings.from_env()

workers = 1
worker_class = "voicehost.worker.VoiceWorker"
logger_class = "voicehost.worker.VoiceLogger"
threads = _settings.threads
worker_connections = 1000
keepalive = _settings.keep_alive_seconds
graceful_timeout = _settings.graceful_seconds
# The worker's main loop reports each second, whatever the model does: a worker that is silent
# for two minutes hangs with the interpreter's lock held, and nothing else would end it.
timeout = 120
backlog = 512
control_socket_disable = True
# No header of a caller may set the path or the scheme that the app sees.
forwarder_headers = ""
forwarded_allow_ips = ""
# No disk for the heartbeat file, so that a read-only root file system will do.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112


def on_starting(server: Any) -> None:
    end_with_parent()


def when_ready(server: Any) -> None:
    refuse_open_door([listener.getsockname() for listener in server.LISTENERS], _settings)


def post_fork(server: Any, worker: Any) -> None:
    # A worker left behind by a killed master would hold the port and the GPU's memory, and an
    # orderly end of its requests can take half an hour.
    end_with_parent(signal.SIGKILL)
