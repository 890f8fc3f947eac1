"""What a build of containers/voice/Dockerfile is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from operate.failures import CommandError

NAME = "gpu-voice"
# A set whose lock has no torch, and which it is built with.
TORCH = {"gpu": "", "models-cpu": "torch==2.13.0"}


@dataclass(frozen=True, slots=True)
class Recipe:
    """`context` is containers/voice or a folder like it; `kind` is the set of packages."""

    context: Path
    tag: str
    kind: str = "gpu"
    base: str = ""
    revision: str = "none"
    host_network: bool = False

    @property
    def name(self) -> str:
        return f"{NAME}:{self.tag}"

    def arguments(self) -> Iterator[str]:
        """For `docker build`, without the image's name. Raises CommandError for an unknown set."""
        if self.kind not in TORCH:
            raise CommandError(f"SET is one of {', '.join(TORCH)}, not {self.kind}.")
        values = {
            "BASE": self.base,
            "SET": self.kind,
            "TORCH": TORCH[self.kind],
            "VERSION": self.tag,
            "REVISION": self.revision,
        }
        for name, value in values.items():
            if value:
                yield from ("--build-arg", f"{name}={value}")
        if self.kind == "gpu":
            # CUDA's packages are for x86-64; a builder on another processor would take its own.
            yield from ("--platform", "linux/amd64")
        if self.host_network:
            yield from ("--network", "host")
        yield str(self.context)
