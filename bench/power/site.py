"""Everything that stands in the simulated account, in one place for those who act on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.power.balancer import Balancer
from bench.power.clockwork import Clockwork
from bench.power.lines import Lines
from bench.power.memory import Table
from bench.power.rates import Rates
from bench.power.supply import Slot
from power.look import Plan

if TYPE_CHECKING:
    from bench.power.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Site:
    clock: Clockwork
    rates: Rates
    plan: Plan
    balancer: Balancer
    table: Table
    slots: dict[str, Slot]
    lines: dict[str, dict[str, Lines]]
    ledger: Ledger
    # Called when the servers of a slot are asked for anything.
    asked: Callable[[str], None]
