"""A bounded queue that takes turns: between keys first, then between requests of one key."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Collection

from voicehost.errors import KeyBusy, QueueFull, TooLarge
from voicehost.queueing.ticket import Ticket, Work

Turns = OrderedDict[Ticket, deque[Work]]


class FairQueue:
    """Waiting work of all requests. Thread-safe.

    Round robin by key, then by request within the key, so thirty texts of one caller delay
    a single text of another by one turn, not by thirty.
    """

    def __init__(self, capacity: int, per_key: int) -> None:
        self.capacity = capacity
        self.per_key = per_key
        self._keys: OrderedDict[str, Turns] = OrderedDict()
        self._size = 0
        self._by_key: dict[str, int] = {}
        self._ended = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return self._size

    def put(self, ticket: Ticket, retry_after: Callable[[int], float]) -> None:
        """Add all pieces of a ticket or none; `ticket.position` is what then waits before it.

        `retry_after` turns a number of waiting pieces into seconds until they are through.
        Raises QueueFull, KeyBusy, or TooLarge for a request that could never fit.
        """
        new = len(ticket.works)
        if new == 0:
            return
        with self._changed:
            mine = self._by_key.get(ticket.key, 0)
            per_key = ticket.most_waiting or self.per_key
            most = min(self.capacity, per_key)
            if new > most:
                raise TooLarge(
                    f"This request is {new} pieces of work and at most {most} may wait for one "
                    "caller. Send it as several smaller requests."
                )
            if self._size + new > self.capacity:
                raise QueueFull(
                    f"The queue is full ({self._size} pieces of work wait). Try again later.",
                    retry_after=math.ceil(retry_after(self._size + new - self.capacity)),
                )
            if mine + new > per_key:
                raise KeyBusy(
                    f"You already have {mine} pieces of work waiting, and at most "
                    f"{per_key} may. Wait for your other requests, then try again.",
                    retry_after=math.ceil(retry_after(mine + new - per_key)),
                )
            ticket.position = self._size
            self._keys.setdefault(ticket.key, OrderedDict())[ticket] = deque(ticket.works)
            self._count(ticket.key, new)
            self._changed.notify_all()

    def take(
        self, rows: int, *, running: Collection[Ticket] = (), keep_for_new: int = 0
    ) -> list[Work]:
        """Up to `rows` pieces, fairly; the last `keep_for_new` for requests with none running."""
        taken: list[Work] = []
        busy = set(running)
        with self._changed:
            while len(taken) < rows:
                new_only = rows - len(taken) <= keep_for_new
                work = self._next(busy if new_only else set())
                if work is None:
                    break
                busy.add(work.ticket)
                taken.append(work)
        return taken

    def wait(self, seconds: float) -> bool:
        """Wait until something waits, at most so long or to the end; whether something does."""
        with self._changed:
            self._changed.wait_for(lambda: self._size > 0 or self._ended, seconds)
            return self._size > 0

    def end(self) -> None:
        """Who waits for work waits no longer."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def discard(self, ticket: Ticket) -> None:
        """Drop what still waits of a ticket."""
        with self._changed:
            turns = self._keys.get(ticket.key)
            if turns is None or ticket not in turns:
                return
            self._count(ticket.key, -len(turns.pop(ticket)))
            if not turns:
                del self._keys[ticket.key]

    def _next(self, skip: Collection[Ticket]) -> Work | None:
        for key, turns in self._keys.items():
            for ticket, works in turns.items():
                if ticket in skip:
                    continue
                work = works.popleft()
                self._count(key, -1)
                turns.move_to_end(ticket)
                self._keys.move_to_end(key)
                if not works:
                    del turns[ticket]
                if not turns:
                    del self._keys[key]
                return work
        return None

    def _count(self, key: str, change: int) -> None:
        self._size += change
        left = self._by_key.get(key, 0) + change
        if left:
            self._by_key[key] = left
        else:
            self._by_key.pop(key, None)
