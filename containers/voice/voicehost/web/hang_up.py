"""Whether the caller is still there."""

from __future__ import annotations

import socket


def has_hung_up(sock: socket.socket | None) -> bool:
    """True once the caller has closed its side; looks without waiting and takes nothing."""
    if sock is None:
        return False
    try:
        return sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except (BlockingIOError, InterruptedError):
        return False
    except (OSError, ValueError):
        return True
