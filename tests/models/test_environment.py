"""The environment of the true models holds what they ask for, or the reason why not is written."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

SET = Path(__file__).parents[2] / "containers/voice/requirements-models-cpu"
# Of another version than asked for, as the overrides say; torch goes with torchaudio.
TOGETHER = {"torch"}


def named(ending: str) -> set[str]:
    lines = SET.with_suffix(ending).read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(line.split("==")[0].strip()) for line in lines if line[:1] not in "#"}


def wanted(distribution: Distribution) -> list[Requirement]:
    """What it needs here, without its extras."""
    requirements = [Requirement(line) for line in distribution.requires or []]
    return [need for need in requirements if need.marker is None or need.marker.evaluate()]


def test_what_a_package_asks_for_is_there_or_is_left_out_by_name() -> None:
    installed = {canonicalize_name(found.name): found for found in distributions()}
    missing: set[str] = set()
    others: set[str] = set()
    for distribution in installed.values():
        for need in wanted(distribution):
            name = canonicalize_name(need.name)
            if name not in installed:
                missing.add(name)
            elif not need.specifier.contains(installed[name].version, prereleases=True):
                others.add(name)
    assert missing <= named(".excludes")
    assert others <= named(".overrides") | TOGETHER


def test_both_packages_import_without_what_is_left_out() -> None:
    code = (
        "import qwen_tts, whisperx.asr, whisperx.alignment, whisperx.vads, sys; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.splitlines()[-1].split()}
    assert {"torch", "qwen_tts", "whisperx", "ctranslate2", "pyannote"} <= loaded
    assert not {"gradio", "torchvision", "torchcodec", "sqlalchemy", "aiohttp", "grpc"} & loaded
