"""What NVIDIA's management library (NVML) says of this machine's GPUs.

NVML API reference, "Device Queries": utilization is a percentage, memory in bytes, power in
milliwatts. The library comes with the driver; `nvidia-ml-py` only calls it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from voicehost.gpu.figures import Reading


class NoGpu(Exception):
    """This machine has no NVIDIA GPU that can be asked, and will not have one later."""


class GpuFault(Exception):
    """A GPU that is there did not answer; it may again."""


class Nvml:
    """Every GPU of this machine, open for reading."""

    def __init__(self, library: Any) -> None:
        self._nvml = library
        count = library.nvmlDeviceGetCount()
        self._gpus = [library.nvmlDeviceGetHandleByIndex(index) for index in range(count)]

    def __len__(self) -> int:
        return len(self._gpus)

    def read(self) -> list[Reading]:
        """One reading a GPU, now. Raises GpuFault."""
        with _faults(self._nvml):
            return [self._reading(gpu) for gpu in self._gpus]

    def _reading(self, gpu: Any) -> Reading:
        nvml = self._nvml
        use = self._ask(nvml.nvmlDeviceGetUtilizationRates, gpu)
        memory = self._ask(nvml.nvmlDeviceGetMemoryInfo, gpu)
        milliwatts = self._ask(nvml.nvmlDeviceGetPowerUsage, gpu)
        return Reading(
            busy_percent=None if use is None else use.gpu,
            memory_used_bytes=None if memory is None else memory.used,
            memory_bytes=None if memory is None else memory.total,
            celsius=self._ask(nvml.nvmlDeviceGetTemperature, gpu, nvml.NVML_TEMPERATURE_GPU),
            watts=None if milliwatts is None else milliwatts / 1000,
        )

    def _ask(self, question: Callable[..., Any], *about: Any) -> Any:
        nvml = self._nvml
        try:
            return question(*about)
        except nvml.NVMLError as error:
            not_given = (nvml.NVML_ERROR_NOT_SUPPORTED, nvml.NVML_ERROR_FUNCTION_NOT_FOUND)
            if error.value in not_given:
                return None
            raise


@contextmanager
def opened() -> Iterator[Nvml]:
    """NVML, closed at the end. Raises NoGpu or GpuFault."""
    try:
        import pynvml
    except ImportError:
        raise NoGpu("the package nvidia-ml-py is not installed") from None
    with _faults(pynvml):
        pynvml.nvmlInit()
    try:
        with _faults(pynvml):
            gpus = Nvml(pynvml)
        if not len(gpus):
            raise NoGpu("the driver knows none")
        yield gpus
    finally:
        with contextlib.suppress(pynvml.NVMLError):
            pynvml.nvmlShutdown()


@contextmanager
def _faults(nvml: Any) -> Iterator[None]:
    absent = (
        nvml.NVML_ERROR_LIBRARY_NOT_FOUND,
        nvml.NVML_ERROR_DRIVER_NOT_LOADED,
        nvml.NVML_ERROR_NO_PERMISSION,
    )
    try:
        yield
    except nvml.NVMLError as error:
        kind = NoGpu if error.value in absent else GpuFault
        raise kind(str(error).lower()) from None
