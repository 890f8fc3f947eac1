"""What the two models of the WhisperX server share: the card, and turns in loading."""

from __future__ import annotations

import logging
import threading
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from voicehost.engines.cuda.card import Card, open_card
from voicehost.engines.cuda.faults import noticing_loss
from voicehost.engines.cuda.size import Size
from voicehost.engines.protocol import LoadError
from voicehost.errors import EngineFault
from voicehost.queueing.batch import Abandoned, Batch
from voicehost.queueing.ticket import Work

log = logging.getLogger(__name__)

# Of the card's memory; the voice has 55 %.
HEARING_SHARE = 1 / 3
NO_ROOM = (
    "The GPU has no memory left for this audio, even in its smallest parts. Try again when it is "
    "less busy, or send shorter audio."
)

NOT_LOADED = "The model of this language cannot be loaded; the server's log says why."

# transformers fills its modules when they are first used; two threads that load models at the
# same time can meet in a module that is half there.
_turn = threading.Lock()
_nowhere = logging.NullHandler()


@contextmanager
def import_turn() -> Iterator[None]:
    """Hold this while importing or loading models of WhisperX."""
    with _turn:
        # Its warnings quote the text that it could not align, and it prints them by itself.
        theirs = logging.getLogger("whisperx")
        theirs.addHandler(_nowhere)
        theirs.setLevel(logging.CRITICAL)
        theirs.propagate = False
        # The voice activity detection is in an old format on purpose, and gets no files to decode.
        logging.getLogger("lightning.pytorch.utilities.migration.utils").setLevel(logging.WARNING)
        warnings.filterwarnings("ignore", message=r"\s*torchcodec is not installed")
        yield


class Ears(ABC):
    """One input at a time; `size` is how much of it is heard at once."""

    rows = 1
    refills = False

    def __init__(self, *, device: str, limit_mib: int, language: str, size: Size) -> None:
        self.device = device
        self.gpu_name: str | None = None
        self.fingerprint: str | None = None
        self.size = size
        self._limit_mib = limit_mib
        self._language = language

    def open_card(self) -> Card:
        """The server's share of the card. Raises LoadError."""
        card = open_card(self.device, limit_mib=self._limit_mib, share=HEARING_SHARE)
        self.gpu_name = card.name
        return card

    def run(self, batch: Batch) -> None:
        with noticing_loss():
            for work in batch.step():
                try:
                    outcome = self._outcome(batch, work)
                except Abandoned:
                    continue
                except LoadError as error:
                    log.error("a model cannot be loaded: %s", error)
                    batch.fail(work, EngineFault(NOT_LOADED))
                    continue
                if outcome is None:
                    batch.fail(work, EngineFault(NO_ROOM))
                else:
                    self.size.passed()
                    batch.finish(work, outcome)

    @abstractmethod
    def _outcome(self, batch: Batch, work: Work) -> Any:
        """The result; None where even the smallest size finds no memory. Raises Abandoned."""
