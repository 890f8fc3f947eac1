"""Which of the two slots answers, as a header of every answer, so that a swap can be watched.

On a request the same header asks the load balancer for the slot that is not in use.
"""

from __future__ import annotations

from flask import Flask, Response

SLOT_HEADER = "X-Voice-Slot"


def init_app(app: Flask, slot: str | None) -> None:
    @app.after_request
    def name_slot(response: Response) -> Response:
        if slot is not None:
            response.headers[SLOT_HEADER] = slot
        return response


def for_pages(slot: str | None) -> list[str]:
    """The header that pages may send and read, on servers that have a slot."""
    return [] if slot is None else [SLOT_HEADER]
