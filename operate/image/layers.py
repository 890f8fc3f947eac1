"""The layers of an image, from the lowest to the last, with their sizes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from operate.image.docker import Docker

# The instruction that made it tells what a layer holds.
HOLDS = {
    "/models/tts": "voice",
    "/models/asr": "transcription",
    "/models/align": "alignment",
    "/models/nltk": "sentence rules",
    "/opt/torch": "torch and CUDA",
    "apt-get": "system packages",
    "/opt/venv": "Python packages",
    "/app /app": "code",
}

# Instructions that make no layer.
SILENT = frozenset(
    ("ARG", "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "STOPSIGNAL", "USER")
)


@dataclass(frozen=True, slots=True)
class Layer:
    """`bytes` unpacked; `digest` names its content, so that equal layers are one."""

    holds: str
    bytes: int
    digest: str


def layers(docker: Docker, image: str) -> list[Layer]:
    """All layers that hold files. Raises CommandError."""
    lines = docker("history", "--no-trunc", "--human=false", "--format", "{{json .}}", image)
    steps = [json.loads(line) for line in lines.splitlines()][::-1]
    digests = json.loads(docker("inspect", "--format", "{{json .RootFS.Layers}}", image))
    made = [step for step in steps if _has_files(step)]
    return [
        Layer(_holds(step["CreatedBy"]), int(step["Size"]), digest)
        for step, digest in zip(made[-len(digests) :], digests, strict=False)
    ]


def table(found: Sequence[Layer]) -> Iterator[str]:
    """As lines of Markdown."""
    yield "| layer | MB |"
    yield "| --- | ---: |"
    for layer in found:
        yield f"| {layer.holds} | {layer.bytes / 1e6:,.1f} |"
    yield f"| all | {sum(layer.bytes for layer in found) / 1e6:,.1f} |"


def _has_files(step: dict[str, str]) -> bool:
    words = step["CreatedBy"].split()
    return not SILENT.intersection(words[:1])


def _holds(instruction: str) -> str:
    return next((what for part, what in HOLDS.items() if part in instruction), "base")
