"""Compile the pretend library, and set the figures that it answers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("nvml.c")
GIB = 1024**3
NOT_SUPPORTED, DRIVER_NOT_LOADED, GPU_IS_LOST = -3, -9, -15
ONE_CARD: dict[str, int] = {
    "cards": 1,
    "0.busy": 40,
    "0.used": 6 * GIB,
    "0.total": 24 * GIB,
    "0.celsius": 55,
    "0.milliwatts": 61500,
}


class PretendNvml:
    """`environment` makes a process find the library; `answer` changes what it says at once."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None:
            pytest.skip("no C compiler here to make a management library with")
        self._figures = folder / "figures"
        library = folder / "libnvidia-ml.so.1"
        subprocess.run([compiler, "-shared", "-fPIC", "-o", library, SOURCE], check=True)
        self.environment = {"LD_LIBRARY_PATH": str(folder), "PRETEND_NVML": str(self._figures)}

    def answer(self, **changes: int) -> None:
        """The figures of ONE_CARD with these changes: `busy=90` is the first card's."""
        self.answer_all({**ONE_CARD, **{f"0.{name}": value for name, value in changes.items()}})

    def answer_all(self, figures: dict[str, int]) -> None:
        new = self._figures.with_suffix(".new")
        new.write_text("".join(f"{name} {value}\n" for name, value in figures.items()))
        new.replace(self._figures)

    def opened(self) -> int:
        """How often it has been opened."""
        return self._figures.with_suffix(".opened").stat().st_size
