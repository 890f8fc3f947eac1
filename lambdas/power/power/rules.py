"""Which listener rules of our own must stand: callers of a slot that sleeps get an answer."""

from __future__ import annotations

from collections.abc import Mapping

from power.model import SlotRecord
from power.ports import SleepRule

SERVERS = ("tts", "whisperx")


def live_slots(weights: Mapping[str, int]) -> list[str]:
    """Slots with a share of the calls, the main one first."""
    return sorted((slot for slot in weights if weights[slot]), key=lambda slot: -weights[slot])


def wanted_rules(
    weights: Mapping[str, int], open_now: Mapping[str, bool | None], standing: set[SleepRule]
) -> set[SleepRule]:
    """The rules that must stand. A slot of which nobody can tell keeps the rule that it has.

    While the main slot works and a trial beside it does not, the main slot takes all calls.
    """
    wanted: set[SleepRule] = set()
    live = live_slots(weights)
    for audience, slots in (("live", live), ("idle", [s for s in weights if s not in live[:1]])):
        asleep = SleepRule(audience)
        if not slots:
            continue
        main, *others = slots
        opened = open_now[main]
        if opened is False or (opened is None and asleep in standing):
            wanted.add(asleep)
        elif any(open_now[other] is False for other in others):
            wanted |= {SleepRule(audience, server, to=main) for server in SERVERS}
    return wanted


def is_open(record: SlotRecord, ready: bool | None) -> bool | None:
    """Whether callers may reach a slot; None when it was open and nobody can tell now."""
    return ready if record.phase == "on" else False
