"""Jobs on disk or in the bucket: written so that a process may be killed at any moment."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from voicehost.blobs.protocol import Blobs
from voicehost.items.call import Item
from voicehost.jobs.layout import Part, Place, heads_of, open_in, owner_of, place_of
from voicehost.jobs.records import End, Failure, Head, Marker, now, read

log = logging.getLogger(__name__)

AT_ONCE = 8
MOST_LISTED = 100
Given = TypeVar("Given")
Got = TypeVar("Got")


class Shelf:
    """The jobs of one server. `slot` is who works here; `days` how long a job is kept.

    Damaged records are as if they were not there. All methods raise KeepingFailed.
    """

    def __init__(self, blobs: Blobs, server: str, slot: str, days: int) -> None:
        self.blobs = blobs
        self.slot = slot
        self._server = server
        self._kept = timedelta(days=days)

    def place(self, folder: str, job: str) -> Place:
        return Place(self._server, folder, job)

    def place_of(self, head: Head) -> Place:
        return self.place(head.folder, head.id)

    def expires_at(self, head: Head) -> datetime:
        return head.created_at + self._kept

    def create(self, head: Head, items: Sequence[Item]) -> None:
        """The head comes last: a job that is there is there whole."""
        place = self.place_of(head)
        self.remove(place)  # what an interrupted removal left

        def put(numbered: tuple[int, Item]) -> None:
            index, item = numbered
            self.blobs.put(place.item("given", index), json.dumps(item).encode())

        together(put, enumerate(items))
        self.mark(place, Marker())
        self.save(head)

    def give_again(self, place: Place, indexes: Sequence[int], items: Sequence[Item]) -> None:
        """Put back what was sent of some of the items."""
        for index in indexes:
            self.blobs.put(place.item("given", index), json.dumps(items[index]).encode())

    def not_given(self, place: Place, indexes: Iterable[int]) -> list[int]:
        """Of these, the items that are there no longer, since they once had a result."""
        return sorted(set(indexes) - set(self._numbers(place, "given")))

    def drop_given(self, place: Place) -> None:
        """What was sent of each item that has its result."""
        done = self.made(place)
        for number in list(self._numbers(place, "given")):
            if number in done:
                self.blobs.delete(place.item("given", number))

    def save(self, head: Head) -> None:
        self.blobs.put(self.place_of(head).head, head.model_dump_json().encode())

    def head(self, place: Place) -> Head | None:
        """None for one that is damaged or no longer kept."""
        head = read(Head, self.blobs.get(place.head))
        if head is None or (head.folder, head.id) != (place.folder, place.id):
            return None
        return head if now() < self.expires_at(head) else None

    def heads(self, folder: str) -> list[Head]:
        """Those of a caller, newest first, a hundred at most."""
        found = sorted(
            self.blobs.find(heads_of(self._server, folder)),
            key=lambda one: one.changed,
            reverse=True,
        )
        places = [place_of(self._server, one.name) for one in found[:MOST_LISTED]]
        read_heads = together(self.head, [place for place in places if place is not None])
        heads = [head for head in read_heads if head is not None]
        return sorted(heads, key=lambda head: head.created_at, reverse=True)

    def given(self, place: Place, index: int) -> Item | None:
        return _object(self.blobs.get(place.item("given", index)))

    def result(self, place: Place, index: int) -> dict[str, Any] | None:
        return _object(self.blobs.get(place.item("made", index)))

    def keep_result(self, place: Place, index: int, result: dict[str, Any]) -> None:
        self.blobs.put(place.item("made", index), json.dumps(result).encode())

    def keep_failure(self, place: Place, index: int, failure: Failure) -> None:
        self.blobs.put(place.item("failed", index), failure.model_dump_json().encode())

    def made(self, place: Place) -> set[int]:
        """Items that have a result."""
        return set(self._numbers(place, "made"))

    def failures(self, place: Place) -> dict[int, Failure]:
        numbers = list(self._numbers(place, "failed"))
        names = [place.item("failed", number) for number in numbers]
        found = together(lambda name: read(Failure, self.blobs.get(name)), names)
        return {
            number: failure
            for number, failure in zip(numbers, found, strict=True)
            if failure is not None
        }

    def end(self, head: Head) -> End | None:
        """None while the job is open."""
        place = self.place_of(head)
        data = self.blobs.get(place.end)
        return None if data is None else read(End, data) or self._end_by_what_is_there(head)

    def keep_end(self, place: Place, end: End) -> None:
        self.blobs.put(place.end, end.model_dump_json().encode())

    def reopen(self, place: Place) -> None:
        """Make what was cancelled or failed undone again; open again from here on."""
        self.mark(place, Marker())
        for number in list(self._numbers(place, "failed")):
            self.blobs.delete(place.item("failed", number))
        self.blobs.delete(place.end)

    def mark(self, place: Place, marker: Marker) -> None:
        self.blobs.put(place.marker(self.slot), marker.model_dump_json().encode())

    def marker(self, place: Place, slot: str) -> Marker:
        return read(Marker, self.blobs.get(place.marker(slot))) or Marker()

    def unmark(self, place: Place, slot: str | None = None) -> None:
        self.blobs.delete(place.marker(slot or self.slot))

    def markers(self) -> Iterator[tuple[str, Place, datetime]]:
        """(slot, job, when it was renewed) of each open job."""
        for found in self.blobs.find(open_in(self._server)):
            owner = owner_of(found.name)
            if owner is not None:
                slot, folder, job = owner
                yield slot, self.place(folder, job), found.changed

    def remove(self, place: Place) -> None:
        """The head goes first: from then on the job is not there."""
        self.blobs.delete(place.head)
        for found in list(self.blobs.find(place.work)):
            self.blobs.delete(found.name)
        self.unmark(place)

    def sweep(self, busy: Callable[[Place], bool]) -> None:
        """Remove what is kept no longer, and what belongs to no job."""
        for found in list(self.blobs.find(f"jobs/head/{self._server}/")):
            place = place_of(self._server, found.name)
            old = found.changed + self._kept < now()
            if place is not None and old and not busy(place):
                self.remove(place)
                log.info("expired job removed", extra={"job": place.id})
        left = {
            place_of(self._server, found.name)
            for found in self.blobs.find(f"jobs/items/{self._server}/")
        }
        for place in left:
            if place is not None and not busy(place) and self.blobs.get(place.head) is None:
                self.remove(place)

    def _end_by_what_is_there(self, head: Head) -> End:
        place = self.place_of(head)
        failures = self.failures(place)
        undone = sorted(set(range(head.count)) - self.made(place) - set(failures))
        status: Literal["done", "failed"] = "failed" if undone else "done"
        return End(status=status, ended_at=now(), failures=failures, undone=undone, told=True)

    def _numbers(self, place: Place, part: Part) -> Iterator[int]:
        for found in self.blobs.find(place.part(part)):
            last = found.name.rsplit("/", 1)[-1]
            if last.isdecimal():
                yield int(last)


def _object(data: bytes | None) -> dict[str, Any] | None:
    try:
        found = json.loads(data or b"")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def together(work: Callable[[Given], Got], given: Iterable[Given]) -> list[Got]:
    """Several at a time, since a bucket takes its time; in their order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, given))
