"""Random checkpoints in a folder like an image's /models, full size or tiny."""

from __future__ import annotations

from pathlib import Path

from bench.gpu.sizes import ALIGNER, EARS, VOICE
from tests.models.random_ears import TINY as TINY_EARS
from tests.models.random_ears import make_random_ears
from tests.models.sentence_rules import make_sentence_rules
from tests.models.tiny_aligner import SIZES as TINY_ALIGNER
from tests.models.tiny_aligner import make_aligner
from tests.models.tiny_voice import make_voice
from tests.models.voice_sizes import TINY as TINY_VOICE


def make_checkpoints(folder: Path, *, tiny: bool, device: str) -> None:
    """Full size: 9 GB on disk. The voice never ends by itself, so that all clips are as long as
    their cap says, whatever the seed."""
    make_voice(folder / "tts", sizes=TINY_VOICE if tiny else VOICE, ends=False, device=device)
    make_random_ears(
        folder / "asr",
        TINY_EARS if tiny else EARS,
        kept_as="float32" if tiny else "float16",
        device=device,
    )
    make_aligner(folder / "align/en", "en", sizes=TINY_ALIGNER if tiny else ALIGNER)
    make_sentence_rules(folder / "nltk")
