"""The folder of clips: `ID.wav` and, beside it, `ID.json` with what is known of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from gpuvoice.narration.door import Door
from gpuvoice.narration.take import Take
from gpuvoice.narration.whole_file import remove_parts, write_whole


@dataclass(frozen=True)
class Kept:
    """A take and its WAV file."""

    take: Take
    audio: bytes


class Shelf:
    """Keeps each result the moment it is there. Threads may use it for different segments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._door = Door()
        folder.mkdir(parents=True, exist_ok=True)
        remove_parts(folder)

    def find(self, segment_id: str, key: str) -> Kept | None:
        """What is kept under the key; nothing if a file is torn, missing, or of another make."""
        try:
            told = json.loads(self._facts(segment_id).read_bytes())
            take = Take.read(told)
            audio = self.clip(segment_id).read_bytes()
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        if take.key != key or take.sha256 != sha256(audio):
            return None
        return Kept(take, audio)

    def keep(self, segment_id: str, kept: Kept, *, new_audio: bool) -> None:
        """The facts last: a clip without its own facts counts as missing. Raises Shut."""
        facts = json.dumps(kept.take.as_json(), ensure_ascii=False)
        with self._door.inside():
            if new_audio:
                write_whole(self.clip(segment_id), kept.audio)
            write_whole(self._facts(segment_id), facts.encode())

    def close(self) -> None:
        """From here on nothing is kept."""
        self._door.shut()

    def rename(self, old_id: str, new_id: str) -> None:
        """Of two ids that differ in case only, whose files many disks take for the same."""
        for file_of in (self.clip, self._facts):
            if file_of(old_id).exists():
                file_of(old_id).replace(file_of(new_id))

    def remove(self, segment_id: str) -> bool:
        """Whether there was anything."""
        files = [self.clip(segment_id), self._facts(segment_id)]
        there = [file for file in files if file.exists()]
        for file in there:
            file.unlink()
        return bool(there)

    def clip(self, segment_id: str) -> Path:
        return self.folder / f"{segment_id}.wav"

    def _facts(self, segment_id: str) -> Path:
        return self.folder / f"{segment_id}.json"


def sha256(audio: bytes) -> str:
    return hashlib.sha256(audio).hexdigest()
