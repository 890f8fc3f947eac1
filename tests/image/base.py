"""A base image made from Debian's packages, where no registry is at hand."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from operate.failures import CommandError
from operate.image.docker import Docker
from tests.image.packages import install

NAME = "localhost/gpu-voice-base:bookworm"
RELEASE = "bookworm"
SOURCES = ("/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list")
# Whose certificates the machine trusts, a build on it must trust too, or pip reaches nothing.
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
PIP = f"[global]\ncert = {BUNDLE}\n"


def make_base(docker: Docker, folder: Path) -> str:
    """The image's name. Raises CommandError."""
    if shutil.which("mmdebstrap") is None:
        install("mmdebstrap")
    archive = folder / "base.tar"
    done = subprocess.run(
        [
            "mmdebstrap", "--quiet", "--variant=minbase", "--include=ca-certificates",
            *_hooks(folder), RELEASE, str(archive), *_sources(),
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise CommandError(f"mmdebstrap made no base: {done.stderr.strip()[-300:]}")
    docker("import", str(archive), NAME)
    archive.unlink()
    return NAME


def _hooks(folder: Path) -> Iterator[str]:
    if not Path(BUNDLE).exists():
        return
    settings = folder / "pip.conf"
    settings.write_text(PIP, encoding="utf-8")
    yield f"--customize-hook=upload {settings} /etc/pip.conf"
    yield f"--customize-hook=upload {BUNDLE} {BUNDLE}"


def _sources() -> list[str]:
    """The machine's own package sources, if they are Debian's of this release."""
    found = [name for name in SOURCES if Path(name).exists()]
    fitting = [name for name in found if RELEASE in Path(name).read_text(encoding="utf-8")]
    return fitting[:1]
