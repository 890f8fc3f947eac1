"""A `docker` on the path that writes down what it was asked, and fails when it is told to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

SCRIPT = """#!/bin/sh
given=""
case "$*" in login*) given=$(cat) ;; esac
printf '%s\\t%s\\t%s\\n' "$*" "$given" "${{DOCKER_CONFIG:-}}" >> "{folder}/asked"
for words in {refused}; do
  case "$*" in "$words"*) echo "no such thing" >&2; exit 1 ;; esac
done
"""


@dataclass(frozen=True, slots=True)
class RecordingDocker:
    folder: Path

    @property
    def command(self) -> str:
        return str(self.folder / "docker")

    def asked(self) -> list[str]:
        """Each call's words, in order."""
        return [line.split("\t")[0] for line in self._lines()]

    def given(self, words: str) -> str:
        """What the first call that begins so got on its standard input."""
        return next(line.split("\t")[1] for line in self._lines() if line.startswith(words))

    def login_folder(self, words: str) -> str:
        """Where the first call that begins so looked for logins; empty for the user's own."""
        return next(line.split("\t")[2] for line in self._lines() if line.startswith(words))

    def _lines(self) -> list[str]:
        file = self.folder / "asked"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def recording_docker(folder: Path, *refused: str) -> RecordingDocker:
    """Calls that begin with one of `refused` fail."""
    words = " ".join(map(json.dumps, refused)) or '""'
    script = SCRIPT.format(folder=folder, refused=words if refused else "")
    if not refused:
        script = script.replace("for words in ; do", "for words in nothing-like-it; do")
    file = folder / "docker"
    file.write_text(script, encoding="utf-8")
    file.chmod(0o755)
    return RecordingDocker(folder)
