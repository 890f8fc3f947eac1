"""The device's memory: measured, given back, and the largest batch that it allows."""

from __future__ import annotations

from dataclasses import dataclass

from voicehost.engines.cuda.card import MIB

# Fragmentation and what is allocated beside PyTorch's own pool.
HEADROOM = 0.9


def release() -> None:
    """Give cached blocks back to the card. Call it outside of the `except` that held the error."""
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


class Peak:
    """PyTorch's peak of allocated memory up to the latest `note()`, in bytes; 0 on a CPU."""

    def __init__(self) -> None:
        self.allocated = 0

    def begin(self) -> None:
        import torch

        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()

    def note(self) -> None:
        import torch

        if torch.cuda.is_available():
            self.allocated = int(torch.cuda.max_memory_allocated())


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes of device memory: of the loaded `model`, and of a `frame` of one row."""

    model: int
    frame: float


def rows_that_fit(measured: Measured, *, limit_mib: int, frames: int, most: int) -> int:
    """The largest batch, 1 to `most`, whose rows may all run to `frames` frames.

    A limit of 0 is none.
    """
    if limit_mib == 0 or measured.frame <= 0:
        return most
    left = limit_mib * MIB * HEADROOM - measured.model
    rows = int(left // (measured.frame * frames))
    return max(1, min(most, rows))
