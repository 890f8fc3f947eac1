"""Makes the recordings of `make verify-slot`: `python bench/golden_recordings.py`.

The CPU voice speaks sentences and tells where each word is (see `voice_times`), so the times come
from no aligner. It is seeded: a second run writes the same sound.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import soundfile
import soxr

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "containers/voice")]

from bench.voice_times import VOICE_RATE, TimedVoice  # noqa: E402

FOLDER = ROOT / "operate/verify/golden"
RATE = 16_000
# Without numbers, names and words of two spellings: a good model writes them as they stand here.
RECORDED = {
    "lamp": "The old man climbed the stairs slowly, carrying a lamp in one hand.",
    "storm": "Nobody expected the storm to arrive before midnight, yet the harbor was empty.",
    "button": "Press the green button, wait a moment, and then look at the small display.",
    "summary": "A good summary is short, clear, and honest about what is missing.",
}
# What the slot has to say itself: short, long, and with pauses.
SPOKEN = (
    "Good morning, and welcome.",
    "The river was high after the rain, so we walked home over the old stone bridge.",
    "Open the window on the left side of the screen, and choose the color that you like best.",
    "First we draw the outline. Then we add the details. At the end we look at it together.",
    "Thank you for watching, and see you in the next lesson.",
)


def recording(voice: TimedVoice, text: str) -> tuple[np.typing.NDArray[np.int16], list[float]]:
    """Sound at 16 kHz and where each written word begins to sound, in seconds."""
    audio, words = voice.say(text)
    if len(words) != len(text.split()):
        raise ValueError(f"the voice groups its phonemes otherwise than the words of {text!r}")
    sound = np.clip(soxr.resample(audio, VOICE_RATE, RATE), -1, 1)
    starts = [round(max(0.0, word.sound), 3) for word in words]
    return np.round(sound * 32767).astype(np.int16), starts


def main() -> None:
    voice = TimedVoice()
    recordings = []
    for name, text in RECORDED.items():
        sound, starts = recording(voice, text)
        soundfile.write(FOLDER / f"{name}.flac", sound, RATE, compression_level=1.0)
        seconds = round(len(sound) / RATE, 3)
        recordings.append(
            {"file": f"{name}.flac", "text": text, "seconds": seconds, "starts": starts}
        )
    made = {"recordings": recordings, "texts": SPOKEN}
    (FOLDER / "golden.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
