"""Real calls through the front door: speak, hear it back, align it; and what is refused."""

from __future__ import annotations

import base64
import io
import re
import wave
from typing import Any

from tests.emulator.door import Door
from tests.emulator.run.report import require

TEXT = "The quick brown fox jumps over the lazy dog near the old river bank."
LEAST_HEARD = 0.8


def speak_hear_align(door: Door, key: str, slot: str) -> str:
    """A sentence goes all the way round. Gives a note on what came back."""
    spoken = answered(door, "/tts/generate_batch", {"texts": [TEXT]}, key, slot)
    sound = spoken["audios"][0]
    length = seconds(base64.b64decode(sound))
    heard = answered(door, "/whisperx/transcribe", {"audio": sound}, key, slot)["text"]
    share = _share(TEXT, heard)
    require(share >= LEAST_HEARD, f"Only {share:.0%} of the words were heard back: {heard!r}.")
    aligned = answered(door, "/whisperx/align", {"audio": sound, "text": TEXT}, key, slot)["words"]
    require(len(aligned) == len(TEXT.split()), f"{len(aligned)} words came back aligned.")
    starts = [word["start"] for word in aligned]
    require(starts == sorted(starts), "Word times go backwards.")
    require(aligned[-1]["end"] <= length + 0.01, "A word ends after the sound does.")
    return f"{length:.1f} s of speech, {share:.0%} of the words heard back, all aligned"


def refusals(door: Door) -> None:
    """No key, no service; no such path; no plain HTTP."""
    for path in ("/tts/generate_batch", "/whisperx/transcribe_batch"):
        refused = door.post(path, {"texts": ["a"], "audios": ["a"]})
        require(refused.status_code == 401, f"{path} without a key: {refused.status_code}.")
        require("X-API-Key" in refused.json()["error"], "The 401 does not say what to send.")
    for path in ("/", "/health", "/elsewhere"):
        missing = door.get(path)
        require(missing.status_code == 404 and "error" in missing.json(), f"{path} is no JSON 404.")
    moved = door.get_without_tls("/tts/health")
    require(moved.status_code == 301, f"Plain HTTP answers {moved.status_code}.")
    require(moved.headers["Location"].startswith("https://"), "Plain HTTP leads nowhere safe.")


def answered(door: Door, path: str, body: Any, key: str, slot: str) -> Any:
    """The JSON of a call that must succeed on this slot."""
    answer = door.post(path, body, X_API_Key=key)
    require(answer.status_code == 200, f"{path} answers {answer.status_code}: {answer.text[:300]}")
    require(answer.json().get("success") is True, f"{path}: {answer.text[:300]}")
    came = answer.headers.get("X-Voice-Slot")
    require(came == slot, f"{path} came from {came} and not from {slot}.")
    return answer.json()


def seconds(sound: bytes) -> float:
    """How long a WAV file is."""
    with wave.open(io.BytesIO(sound)) as file:
        require(file.getframerate() == 24000, f"The sound has {file.getframerate()} Hz.")
        return float(file.getnframes() / file.getframerate())


def _share(text: str, heard: str) -> float:
    wanted, got = (re.findall(r"[a-z]+", each.lower()) for each in (text, heard))
    return sum(word in got for word in wanted) / len(wanted)
