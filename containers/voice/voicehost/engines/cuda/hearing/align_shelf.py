"""Alignment models by language: a folder for each, a bounded number of them in memory."""

from __future__ import annotations

import re
from collections import OrderedDict
from pathlib import Path

from voicehost.engines.cuda.checkpoints import require
from voicehost.engines.cuda.hearing.align_model import AlignModel
from voicehost.engines.cuda.hearing.ears import import_turn
from voicehost.engines.cuda.memory import release

CODE = re.compile(r"[a-z]{2,3}")


class AlignShelf:
    """Holds `kept` models at most; the longest unused one leaves before another is loaded."""

    def __init__(self, folder: Path, *, kept: int, device: str = "cpu") -> None:
        self.device = device
        self.root = folder
        self._kept = kept
        self._models: OrderedDict[str, AlignModel] = OrderedDict()

    @property
    def held(self) -> tuple[str, ...]:
        """The languages in memory, the longest unused one first."""
        return tuple(self._models)

    def folder(self, language: str) -> Path:
        return self.root / language

    def languages(self, first: str) -> tuple[str, ...]:
        """ISO 639 codes that have a folder with a checkpoint, `first` in front."""
        found = sorted(
            config.parent.name
            for config in self.root.glob("*/config.json")
            if CODE.fullmatch(config.parent.name)
        )
        return (
            (first, *(code for code in found if code != first)) if first in found else tuple(found)
        )

    def model(self, language: str) -> AlignModel:
        """Takes seconds where it must be loaded first. Raises LoadError."""
        if language in self._models:
            self._models.move_to_end(language)
            return self._models[language]
        folder = require(self.folder(language), variable="VOICE_ALIGN_MODELS", needs="config.json")
        while len(self._models) >= self._kept:
            self._models.popitem(last=False)
            release()
        with import_turn():
            self._models[language] = AlignModel(folder, language, self.device)
        return self._models[language]

    def forget_others(self, language: str) -> bool:
        """Make room: keep no model but this language's; whether there was another."""
        others = [held for held in self._models if held != language]
        for other in others:
            del self._models[other]
        release()
        return bool(others)
