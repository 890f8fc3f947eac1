"""Several texts at once: their parts fill the voice's rows while others are listened to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from voicehost.errand import Errand
from voicehost.errors import VoiceError
from voicehost.host import Host
from voicehost.narration.order import Order, neighbour_of
from voicehost.narration.parts import Part
from voicehost.narration.result import Narrated, narrated
from voicehost.narration.side_by_side import side_by_side
from voicehost.narration.takes import Performed, Studio

# Beside the parts that are being spoken: some are listened to and timed meanwhile.
MORE_THAN_ROWS = 4
MOST_AT_ONCE = 20


def narrate(host: Host, errand: Errand, orders: Sequence[Order]) -> list[Narrated | VoiceError]:
    """Each text, or why it failed. Raises CallerGone."""
    studio = Studio(host, neighbour_of(host), errand)
    tasks = [(order, part) for order in orders for part in order.parts]

    def work(task: tuple[Order, Part]) -> Performed:
        order, part = task
        return studio.perform(part, order.verify, order.attempts)

    rows = host.schedulers["speak"].engine.rows
    at_once = min(rows + MORE_THAN_ROWS, MOST_AT_ONCE)
    performed = iter(side_by_side(errand, tasks, work, at_once))
    return [_whole(order, performed) for order in orders]


def _whole(order: Order, performed: Iterator[Performed | VoiceError]) -> Narrated | VoiceError:
    parts: list[Performed] = []
    failure: VoiceError | None = None
    for _ in order.parts:
        part = next(performed)
        if isinstance(part, VoiceError):
            failure = failure or part
        else:
            parts.append(part)
    return failure or narrated(order, parts)
