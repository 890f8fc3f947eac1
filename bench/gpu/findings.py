"""From rounds to a result file: medians with their range, versions, and the command."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

PACKAGES = (
    "torch", "qwen-tts", "transformers", "whisperx", "faster-whisper", "ctranslate2", "numpy",
)  # fmt: skip


def spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(values), 3),
        "least": round(min(values), 3),
        "most": round(max(values), 3),
    }


def by_batch(rounds: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry for each size of batch, over all rounds of one number format."""
    sizes = [batch["rows"] for batch in rounds[0]["batches"]]
    found = []
    for place, rows in enumerate(sizes):
        batches = [one["batches"][place] for one in rounds]
        found.append(
            {
                "rows": rows,
                "audio_seconds_per_second": spread([batch["rate"] for batch in batches]),
                "allocated_mib": round(max(batch["allocated_mib"] for batch in batches)),
                "reserved_mib": round(max(batch["reserved_mib"] for batch in batches)),
                "events": [batch["events"] for batch in batches],
            }
        )
    return found


def machine(device: str) -> dict[str, Any]:
    """What computed, and with which versions."""
    import torch

    found: dict[str, Any] = {
        "machine": platform.machine(),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }
    if device != "cpu":
        card = torch.cuda.get_device_properties(0)
        found["gpu"] = card.name
        found["compute_capability"] = f"{card.major}.{card.minor}"
        found["gpu_mib"] = card.total_memory // 2**20
        found["cuda"] = torch.version.cuda
    return found


def table(formats: dict[str, list[dict[str, Any]]]) -> str:
    """For people: a line for each number format and size of batch."""
    lines = ["format | rows | audio s/s (range) | MiB allocated, reserved"]
    for name, batches in formats.items():
        for batch in batches:
            rate = batch["audio_seconds_per_second"]
            lines.append(
                f"{name} | {batch['rows']} | {rate['median']:.2f} ({rate['least']:.2f} to "
                f"{rate['most']:.2f}) | {batch['allocated_mib']}, {batch['reserved_mib']}"
            )
    return "\n".join(lines)
