"""How a slot stands for somebody who calls it now: a state, a sentence, and when to come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from power.collect import newest_wish
from power.decide import budget_closed, decide
from power.memory import IDLE, LIVE, Memory, month_of
from power.model import STAGES, Budget, Facts, SlotRecord, Wish
from power.policy import Policy
from power.stages import LEAST_SECONDS, left, usual_seconds

State = Literal[
    "asleep", "starting", "on", "stopping", "recovering", "quiet", "budget", "backoff"
]  # fmt: skip
MINUTE, DAY = 60.0, 86400.0
# How long an instance takes to end after its counts went to 0.
LEAVING_SECONDS, LEAST_LEAVING_SECONDS = 120.0, 20.0
READY_SECONDS, RECOVERING_SECONDS = 2.0, 30.0
# Between two questions about a start that takes longer than nine of ten did.
LATE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Situation:
    """`eta_seconds`: after it, nine of ten calls are served, if this one is a wish for the GPU.
    `wakes`: whether a plain call is such a wish. `sentence` is for whoever is not served now."""

    state: State
    sentence: str
    eta_seconds: float
    usual_seconds: float
    stage: str | None = None
    wakes: bool = True


def slot_for(target: str, memory: Memory, slots: tuple[str, ...]) -> tuple[str, SlotRecord]:
    """The slot that a target stands for and its record; a slot nobody has looked at is off."""
    if target not in (LIVE, IDLE):
        return target, memory.records.get(target, SlotRecord())
    known = {slot: memory.records.get(slot, SlotRecord()) for slot in slots}
    main = next((slot for slot in slots if known[slot].main), "")
    if target == IDLE and main:
        main = next((slot for slot in slots if slot != main), "")
    return main, known.get(main, SlotRecord())


class Situations:
    """`quiet` says whether an hour is one of the quiet ones."""

    def __init__(self, policy: Policy, quiet: Callable[[float], bool]) -> None:
        self._policy, self.quiet = policy, quiet

    def of(
        self, memory: Memory, slot: str, record: SlotRecord, now: float, *, urgent: bool = False
    ) -> Situation:
        """`urgent`: for somebody who asks for a start whatever the hour."""
        match record.phase:
            case "starting":
                return self._starting(memory, record, now)
            case "on":
                return self._on(memory, record)
            case "closing" | "leaving":
                return self._stopping(memory, slot, record, now, urgent)
            case "off":
                return self._off(memory, slot, record, now, urgent)

    def spent(self, memory: Memory, now: float) -> float:
        """US dollars of this month; a month in which nothing ran has none of the one before."""
        return memory.hours.spent_usd() if memory.hours.month == month_of(now) else 0.0

    def _usual(self, memory: Memory) -> float:
        return usual_seconds(memory.starts, self._policy.usual_start_minutes * MINUTE)

    def _whole(self, memory: Memory, now: float) -> float:
        preset = self._policy.usual_start_minutes * MINUTE
        return self._in_time(left(memory.starts, {}, preset, now).likely)

    def _in_time(self, seconds: float) -> float:
        """Nobody is told to come back later than the idle limit from now: a start that is quicker
        than those before would have gone to sleep again, and so each time."""
        return min(seconds, self._policy.idle_minutes * MINUTE)

    def _starting(self, memory: Memory, record: SlotRecord, now: float) -> Situation:
        preset = self._policy.usual_start_minutes * MINUTE
        rest = left(memory.starts, record.stages, preset, now)
        stage = next((each for each in reversed(STAGES) if each in record.stages), STAGES[0])
        what = "AWS took the GPU back; another one" if record.doomed else "The GPU"
        late = rest.likely <= LEAST_SECONDS
        when = f"ready in about {minutes(rest.usual)} min"
        if late:
            asked = record.asked_at if record.asked_at is not None else record.since
            end = asked + self._policy.start_deadline_minutes * MINUTE
            when = f"it takes longer than usual, and is given up in {minutes(end - now)} min"
        return Situation(
            "recovering" if record.doomed else "starting",
            f"{what} is being started, stage: {stage}; {when}.",
            LATE_SECONDS if late else self._in_time(rest.likely),
            self._usual(memory),
            stage,
        )

    def _on(self, memory: Memory, record: SlotRecord) -> Situation:
        usual = self._usual(memory)
        if record.cold_since is None:
            sentence = "The GPU is ready; send it again."
            return Situation("on", sentence, READY_SECONDS, usual, STAGES[-1])
        sentence = "The GPU is on and its servers are not ready at the moment; send it again soon."
        return Situation("recovering", sentence, RECOVERING_SECONDS, usual)

    def _stopping(
        self, memory: Memory, slot: str, record: SlotRecord, now: float, urgent: bool
    ) -> Situation:
        after = self._off(memory, slot, replace(record, phase="off"), now, urgent)
        if not after.wakes or after.state == "backoff":
            return after
        rest = LEAVING_SECONDS
        if record.phase == "leaving":
            rest = max(LEAST_LEAVING_SECONDS, record.since + LEAVING_SECONDS - now)
        elif record.stop is not None and record.stop.deadline is not None:
            rest += max(0.0, record.stop.deadline - now)
        why = f" {record.stop.reason}" if record.stop is not None else ""
        usual = minutes(after.usual_seconds)
        return Situation(
            "stopping",
            f"The GPU is being stopped.{why} It is started again after that (usually {usual} min).",
            self._in_time(rest + after.eta_seconds),
            after.usual_seconds,
        )

    def _off(
        self, memory: Memory, slot: str, record: SlotRecord, now: float, urgent: bool
    ) -> Situation:
        """What the controller would decide, asked by its own rule."""
        usual, whole = self._usual(memory), self._whole(memory, now)
        quiet = self.quiet(now)
        facts = Facts(
            slot=slot,
            live=record.live,
            record=record,
            policy=self._policy,
            wish=newest_wish(memory, slot, record, self._policy, now),
            leases=memory.leases,
            quiet=quiet,
            budget=Budget(self.spent(memory, now), self._policy.budget_usd),
        )
        stopped = record.stop.at if record.stop is not None else record.since
        called = replace(facts, wish=Wish(max(now, stopped + 1), "", urgent=urgent))
        if "start" in (decide(facts, now).action, decide(called, now).action):
            sentence = f"The GPU is asleep; it is being started (usually {minutes(usual)} min)."
            return Situation("asleep", sentence, whole, usual)
        if budget_closed(facts, now):
            sentence = (
                "The month's GPU budget is used up: it starts again next month, or for a lease "
                'with {"override_budget": true}.'
            )
            eta = _month_end(now) - now
            return Situation("budget", sentence, eta, usual, wakes=False)
        if quiet and not urgent:
            sentence = (
                'It is outside working hours; start it with POST /power/start and {"force": true}, '
                "or make a lease."
            )
            eta = self._quiet_seconds(now)
            return Situation("quiet", sentence, eta, usual, wakes=False)
        rest = max(0.0, record.retry_at - now)
        failed = record.stop is not None and record.stop.kind == "failed"
        why = f": {record.stop.reason}" if failed and record.stop is not None else "."
        sentence = (
            f"The last start failed{why} The next one may begin in {minutes(rest)} min; "
            'POST /power/start with {"force": true} tries at once.'
        )
        # A wish that lapses before that starts nothing; the call that comes back then does.
        kept = rest <= self._policy.wish_minutes * MINUTE
        return Situation("backoff", sentence, rest + whole if kept else rest, usual)

    def _quiet_seconds(self, now: float) -> float:
        """Until the quiet hours end; a day where they do not end within one."""
        ends = range(60 - int(now) % 60, int(DAY), 60)
        return next((float(rest) for rest in ends if not self.quiet(now + rest)), DAY)


def minutes(seconds: float) -> int:
    """Whole minutes for a sentence, at least one."""
    return max(1, round(seconds / MINUTE))


def _month_end(now: float) -> float:
    begin = datetime.fromtimestamp(now, UTC).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    return (begin + timedelta(days=32)).replace(day=1).timestamp()
