"""What the blobs of jobs are called.

jobs/head/SERVER/FOLDER/ID              the call, written last: with it the job is there
jobs/items/SERVER/FOLDER/ID/given/3     an item as it was sent
jobs/items/SERVER/FOLDER/ID/made/3      its result
jobs/items/SERVER/FOLDER/ID/failed/3    or why it has none
jobs/items/SERVER/FOLDER/ID/end         how the job ended
jobs/open/SERVER/SLOT/FOLDER/ID         that it is not over, and who works on it

FOLDER stands for the caller's key, as in stored results. Two slots may share a bucket: both read
all jobs, and each works on those with its own name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

JOBS_FOLDER = "jobs/"
HEAD_PARTS = 5
MARKER_PARTS = 6
Part = Literal["given", "made", "failed"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where one job is kept."""

    server: str
    folder: str
    id: str

    @property
    def head(self) -> str:
        return f"{heads_of(self.server, self.folder)}{self.id}"

    @property
    def work(self) -> str:
        """All but the head and the marker lies below it."""
        return f"jobs/items/{self.server}/{self.folder}/{self.id}/"

    @property
    def end(self) -> str:
        return f"{self.work}end"

    def item(self, part: Part, index: int) -> str:
        return f"{self.work}{part}/{index}"

    def part(self, part: Part) -> str:
        return f"{self.work}{part}/"

    def marker(self, slot: str) -> str:
        return f"{open_in(self.server)}{slot}/{self.folder}/{self.id}"


def heads_of(server: str, folder: str) -> str:
    return f"jobs/head/{server}/{folder}/"


def open_in(server: str) -> str:
    return f"jobs/open/{server}/"


def place_of(server: str, name: str) -> Place | None:
    """The job of a blob below `jobs/head/` or `jobs/items/`; None for one of no job."""
    parts = name.split("/")
    return Place(server, parts[3], parts[4]) if len(parts) >= HEAD_PARTS else None


def owner_of(name: str) -> tuple[str, str, str] | None:
    """(slot, folder, id) of a marker; None for what is none."""
    parts = name.split("/")
    return (parts[3], parts[4], parts[5]) if len(parts) == MARKER_PARTS else None
