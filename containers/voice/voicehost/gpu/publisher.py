"""The one process that publishes the GPU's figures, beside the two servers that share it."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Sequence
from typing import TextIO

from voicehost.gpu.figures import Reading, figures
from voicehost.gpu.nvml import GpuFault, NoGpu, Nvml, opened
from voicehost.parent import end_with_parent
from voicehost.settings import VoiceHostSettings
from voicehost.telemetry.emf import emf_line, write_line
from voicehost.telemetry.logs import start_logs

log = logging.getLogger(__name__)

NAME = "gpu"
# A GPU reports the share of at most its last second in which it was busy.
LOOK_SECONDS = 1.0
LOOKS_A_PERIOD = 10
# A process that fails at once would otherwise be started again without a pause.
PAUSE_SECONDS = 30.0


def main(settings: VoiceHostSettings) -> int:
    """Publish until SIGTERM, or until the parent ends. 0 at once where there is no GPU."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    # A driver that hangs lets no signal through but this one.
    end_with_parent(signal.SIGKILL)
    start_logs(NAME)
    if not settings.gpu_metrics:
        log.info("the GPU's figures are not published: VOICE_GPU_METRICS is false")
        return 0
    try:
        Publisher(settings, stop).run()
    except NoGpu as absent:
        log.info("no GPU here, so none of its figures are published", extra={"why": str(absent)})
    except Exception:
        log.exception("the publisher of the GPU's figures failed")
        stop.wait(PAUSE_SECONDS)
        return 1
    return 0


class Publisher:
    """Looks at the GPUs several times a period, and writes one line at its end.

    A GPU that stops answering is logged once, and asked again each period until it answers.
    """

    def __init__(
        self, settings: VoiceHostSettings, stop: threading.Event, out: TextIO | None = None
    ) -> None:
        self._namespace = settings.metrics_namespace
        # No server owns the GPU. Without a slot the name stands where those of the servers do.
        self._dimensions = {"Slot": settings.slot} if settings.slot else {"Server": NAME}
        self._period = settings.metrics_seconds
        self._stop = stop
        self._out = out or sys.stdout
        self._lost = False

    def run(self) -> None:
        """Returns when told to stop. Raises NoGpu if there is none from the beginning."""
        seen = False
        while not self._stop.is_set():
            try:
                with opened() as gpus:
                    seen = True
                    self._publish(gpus)
            except (GpuFault, NoGpu) as fault:
                if isinstance(fault, NoGpu) and not seen:
                    raise
                self._note_loss(fault)
            self._stop.wait(self._period)

    def _publish(self, gpus: Nvml) -> None:
        while not self._stop.is_set():
            looks: list[Sequence[Reading]] = []
            end = time.monotonic() + self._period
            while (left := end - time.monotonic()) > 0:
                looks.append(gpus.read())
                self._note_answer(len(gpus))
                if self._stop.wait(min(left, LOOK_SECONDS, self._period / LOOKS_A_PERIOD)):
                    return
            if metrics := figures(looks):
                write_line(self._out, emf_line(self._namespace, self._dimensions, metrics))

    def _note_loss(self, fault: Exception) -> None:
        if not self._lost:
            log.error("the GPU does not answer; asking on", extra={"why": str(fault)})
        self._lost = True

    def _note_answer(self, count: int) -> None:
        if self._lost:
            log.info("the GPU answers again", extra={"gpus": count})
        self._lost = False
