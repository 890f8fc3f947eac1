"""What goes wrong on a card: no memory left, which passes, and a lost context, which does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from voicehost.engines.protocol import EngineLost

# What the libraries say; CTranslate2 and the CPU allocator have no exception type of their own.
OUT_OF_MEMORY = (
    "out of memory",
    "can't allocate memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUBLAS_STATUS_NOT_INITIALIZED",
    "CUDNN_STATUS_ALLOC_FAILED",
)
# After such an error every later call of the process fails: CUDA C programming guide, "Error
# checking"; a driver that loses its card says so too.
LOST = (
    "CUDA error:",
    "CUDA failed with error",
    "CUDNN_STATUS_EXECUTION_FAILED",
    "CUBLAS_STATUS_EXECUTION_FAILED",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the device (or the machine) had no memory left for an operation."""
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in OUT_OF_MEMORY)
    )


def is_lost(error: BaseException) -> bool:
    """Whether the process can no longer use its card."""
    return (
        isinstance(error, RuntimeError)
        and not is_out_of_memory(error)
        and any(words in str(error) for words in LOST)
    )


@contextmanager
def noticing_loss() -> Iterator[None]:
    """Turn the error of a lost card into EngineLost."""
    try:
        yield
    except RuntimeError as error:
        if is_lost(error):
            raise EngineLost("the GPU can no longer be used by this process") from error
        raise
