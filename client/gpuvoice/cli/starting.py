"""The whole chain of a start, as it goes on."""

from __future__ import annotations

from datetime import datetime, timezone

from rich.live import Live

from gpuvoice.cli.chain import Chain, line_of
from gpuvoice.cli.output import Output
from gpuvoice.power import Power, PowerStatus


def start_and_wait(power: Power, output: Output, seconds: float) -> PowerStatus:
    """Show each stage until it is on; on a pipe, a line for each change. Raises NotReady."""
    if not output.live:
        return power.wait_until_on(Changes(output), seconds=seconds)
    chain = Chain()
    with Live(chain, console=output.talk, refresh_per_second=4):
        return power.wait_until_on(chain.update, seconds=seconds)


class Changes:
    """Says a line when state or stage are other ones than before."""

    def __init__(self, output: Output, *, to_stdout: bool = False) -> None:
        self._write = output.data if to_stdout else output.say
        self._last: tuple[str, ...] = ()

    def __call__(self, status: PowerStatus) -> None:
        seen = (status.state, *(stage.name for stage in status.stages if stage.reached))
        if seen != self._last:
            self._write(line_of(status, datetime.now(timezone.utc)))
        self._last = seen
