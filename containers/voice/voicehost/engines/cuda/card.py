"""The graphics card of a server, and the share of its memory that the server may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voicehost.engines.protocol import LoadError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Card:
    """Where a model computes. `capability` is CUDA's compute capability, None on a CPU;
    `limit_mib` is what the server may use of the card's memory, 0 where nothing limits it.
    """

    device: str
    name: str | None
    capability: tuple[int, int] | None
    limit_mib: int

    @property
    def on_gpu(self) -> bool:
        return self.capability is not None


def open_card(device: str, *, limit_mib: int, share: float) -> Card:
    """Take a share of the first GPU for this process: `limit_mib`, or `share` (0 to 1) of all.

    PyTorch then raises its out-of-memory error at the limit, before the neighbour suffers. Raises
    LoadError without a usable GPU, or for a limit above the card's memory.
    """
    import torch

    if device == "cpu":
        # Steps of small models are too small to share: two threads are slower than one.
        torch.set_num_threads(1)
        return Card("cpu", None, None, 0)
    if not torch.cuda.is_available():
        raise LoadError(
            "No NVIDIA GPU can be used here. Run the container with --gpus all on a machine with "
            "its driver, or choose VOICE_ENGINE=cpu."
        )
    capability = torch.cuda.get_device_capability(0)
    if not _has_code(capability, torch.cuda.get_arch_list()):
        raise LoadError(
            f"PyTorch {torch.__version__} has no code for this GPU's compute capability "
            f"{capability[0]}.{capability[1]}. Take a newer card, or a PyTorch that knows it."
        )
    total_mib = torch.cuda.get_device_properties(0).total_memory // MIB
    if limit_mib > total_mib:
        raise LoadError(
            f"The GPU has {total_mib} MiB of memory and this server's limit is {limit_mib} MiB; "
            "lower VOICE_TTS_GPU_MIB or VOICE_WHISPERX_GPU_MIB."
        )
    limit = limit_mib or int(total_mib * share)
    torch.cuda.set_per_process_memory_fraction(limit / total_mib, 0)
    name = str(torch.cuda.get_device_name(0))
    return Card("cuda:0", name, capability, limit)


def _has_code(capability: tuple[int, int], architectures: Sequence[str]) -> bool:
    """Whether one of PyTorch's `sm_75` or `compute_90` runs on the card: code of the same major
    version and no later minor one, or any older PTX (CUDA C programming guide, "Compatibility")."""
    for architecture in architectures:
        kind, _, number = architecture.partition("_")
        digits = number.rstrip("af")
        major, minor = int(digits[:-1]), int(digits[-1])
        same_major = major == capability[0] and minor <= capability[1]
        if same_major if kind == "sm" else (major, minor) <= capability:
            return True
    return False
