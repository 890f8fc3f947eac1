"""Why a connection was not made, for a person."""

from __future__ import annotations

RUNNING = "Is the URL right, and the server running (`make run`, `gpuvoice proxy`)?"
# What the system and OpenSSL say, and what it means for somebody who wrote a URL.
MEANINGS = (
    ("WRONG_VERSION_NUMBER", "it does not speak https. Write http:// in its URL."),
    ("CERTIFICATE", "its certificate is not one that this machine trusts for that name."),
    ("Connection refused", f"nobody listens there. {RUNNING}"),
    ("Name or service not known", "there is no such name. Is the URL right?"),
    ("nodename nor servname", "there is no such name. Is the URL right?"),
    ("No address associated", "there is no such name. Is the URL right?"),
    ("getaddrinfo failed", "there is no such name. Is the URL right?"),
    ("Temporary failure in name resolution", "its name cannot be looked up. Is the network there?"),
    ("unreachable", "no way leads there. Is the network there?"),
)


def in_words(error: Exception) -> str:
    """A sentence that says what to do."""
    said = str(error) or type(error).__name__
    meant = next((words for sign, words in MEANINGS if sign.lower() in said.lower()), None)
    return meant or f"{said}. {RUNNING}"
