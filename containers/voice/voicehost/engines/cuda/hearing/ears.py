"""What the two models of the WhisperX server share: the card, and turns in loading."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# Of the card's memory; the voice has 55 %.
HEARING_SHARE = 1 / 3
NO_ROOM = (
    "The GPU has no memory left for this audio, even in its smallest parts. Try again when it is "
    "less busy, or send shorter audio."
)

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
