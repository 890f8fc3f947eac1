"""Time zones by their IANA names, from the pinned package `tzdata` and no system's own files."""

from __future__ import annotations

import difflib
import struct
from functools import cache
from importlib import resources

# Nothing that is scheduled lies before 2026; what comes after 2045 follows the zone's last rule.
SINCE, UNTIL = 1767225600, 2398377600
HEADER = struct.Struct(">4s1s15x6l")
# What a reader of 32-bit times skips: no transition, one unnamed type at an offset of 0.
FOR_OLD_READERS = HEADER.pack(b"TZif", b"2", 0, 0, 0, 0, 1, 1) + bytes(6 + 1)
TYPE_BYTES = 6


@cache
def zone_names() -> tuple[str, ...]:
    """All names, links too."""
    return tuple((resources.files("tzdata") / "zones").read_text(encoding="utf-8").split())


def known_zone(name: str) -> str:
    """The name itself. Raises ValueError with the nearest one that exists."""
    if name in zone_names():
        return name
    short = {each.rpartition("/")[2].lower(): each for each in zone_names()}
    near = short.get(name.rpartition("/")[2].lower().replace(" ", "_")) or next(
        iter(difflib.get_close_matches(name, zone_names(), n=1)), None
    )
    hint = f"; did you mean {near}?" if near else ""
    raise ValueError(f"{name} is no time zone of the IANA list, such as Europe/Berlin{hint}")


def zone_file(name: str) -> bytes:
    """The zone's rules as a TZif file (RFC 8536), without changes that are over or far away.

    A function's environment holds 4 KB, and the whole file of some zones takes most of it.
    """
    data = resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()
    at = HEADER.size + _block_bytes(data, 0, time_bytes=4)
    footer = data[at + HEADER.size + _block_bytes(data, at, time_bytes=8) :]
    *_, times, types, characters = HEADER.unpack_from(data, at)
    begin = at + HEADER.size
    moments = struct.unpack_from(f">{times}q", data, begin)
    described = begin + (8 + 1) * times
    changes = list(zip(moments, data[begin + 8 * times : described], strict=True))
    # The last one before stays: it says what holds at the beginning.
    first = max(0, sum(moment <= SINCE for moment in moments) - 1)
    kept = [change for change in changes[first:] if change[0] < UNTIL]
    return b"".join(
        (
            FOR_OLD_READERS,
            HEADER.pack(b"TZif", b"2", 0, 0, 0, len(kept), types, characters),
            struct.pack(f">{len(kept)}q", *(moment for moment, _ in kept)),
            bytes(kind for _, kind in kept),
            data[described : described + TYPE_BYTES * types + characters],
            footer,
        )
    )


def _block_bytes(data: bytes, at: int, *, time_bytes: int) -> int:
    """Bytes of the block behind the header at `at`."""
    *_, in_utc, standard, leaps, times, types, characters = HEADER.unpack_from(data, at)
    each_time = (time_bytes + 1) * times + (time_bytes + 4) * leaps
    return int(each_time + TYPE_BYTES * types + characters + standard + in_utc)
