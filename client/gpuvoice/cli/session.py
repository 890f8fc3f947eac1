"""What one run of a command works with: the servers, their addresses, and who is told of waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

from gpuvoice.cli.output import Output
from gpuvoice.cli.starting import start_and_wait
from gpuvoice.cli.waits import telling
from gpuvoice.config import ClientConfig
from gpuvoice.errors import PowerMissing
from gpuvoice.http import Patience
from gpuvoice.power import Power
from gpuvoice.recognition import Recognition
from gpuvoice.speech import Speech


class Session:
    """`speech` and `recognition` start the GPU first where --start-gpu was given."""

    def __init__(
        self,
        resolve: Callable[[], ClientConfig],
        output: Output,
        *,
        patience: Patience,
        start_gpu: bool,
    ) -> None:
        self._resolve = resolve
        self.output = output
        self.patience = patience
        self._start_gpu = start_gpu

    @cached_property
    def config(self) -> ClientConfig:
        """Read when it is needed first. Raises ConfigError."""
        return self._resolve()

    @contextmanager
    def speech(self, doing: str) -> Iterator[Speech]:
        """The speech server; `doing` stands on the line that shows progress."""
        self.awake()
        with (
            telling(self.output, doing) as on_wait,
            Speech(self.config, patience=self.patience, on_wait=on_wait) as speech,
        ):
            yield speech

    @contextmanager
    def recognition(self, doing: str) -> Iterator[Recognition]:
        """The recognition server, likewise."""
        self.awake()
        with (
            telling(self.output, doing) as on_wait,
            Recognition(self.config, patience=self.patience, on_wait=on_wait) as recognition,
        ):
            yield recognition

    @contextmanager
    def power(self, doing: str = "") -> Iterator[Power]:
        """The power switch."""
        with (
            telling(self.output, doing) as on_wait,
            Power(self.config, patience=self.patience, on_wait=on_wait) as power,
        ):
            yield power

    def awake(self) -> None:
        """Start the GPU and wait for it, once and only with --start-gpu; a server that cannot be
        turned on and off is on."""
        if not self._start_gpu:
            return
        self._start_gpu = False
        try:
            with Power(self.config, patience=self.patience) as power:
                power.start(reason="gpuvoice --start-gpu")
                start_and_wait(power, self.output, self.patience.busy_seconds)
        except PowerMissing:
            self.output.say("These servers have no power switch; going on.")
