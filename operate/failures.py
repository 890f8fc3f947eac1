"""What can go wrong in a command."""

from __future__ import annotations


class CommandError(Exception):
    """The command cannot be done; the message says why and what to do."""
