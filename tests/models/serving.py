"""What the servers are asked, and what they answer."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from tests import web
from voicehost.engines.protocol import SPEECH_RATE

GOLDEN = Path(__file__).parents[2] / "operate/verify/golden"
INTERNAL = {"X-Voice-Internal": "1"}


def recordings() -> dict[str, str]:
    """Real speech: base64 of an audio file for each text."""
    listed = json.loads((GOLDEN / "golden.json").read_text(encoding="utf-8"))["recordings"]
    return {
        entry["text"]: base64.b64encode((GOLDEN / entry["file"]).read_bytes()).decode()
        for entry in listed
    }


def ask(url: str, body: object, **more: Any) -> dict[str, Any]:
    """The JSON of an answer that must be a good one."""
    answer = web.post(url, json=body, timeout=120, **more)
    found: dict[str, Any] = answer.json()
    assert answer.status_code == 200, found
    assert found["success"] is True, found
    return found


def refused(url: str, body: object) -> tuple[int, str]:
    """Status and error of an answer that must not be a good one."""
    answer = web.post(url, json=body, timeout=120)
    assert answer.json()["success"] is False
    return answer.status_code, answer.json()["error"]


def samples(audio: str) -> NDArray[np.float32]:
    """The samples of a base64 WAV as the contract has it."""
    with soundfile.SoundFile(io.BytesIO(base64.b64decode(audio, validate=True))) as file:
        assert (file.format, file.subtype, file.channels) == ("WAV", "PCM_16", 1)
        assert file.samplerate == SPEECH_RATE
        read: NDArray[np.float32] = file.read(dtype="float32")
        return read


def silence(seconds: float) -> str:
    """A base64 WAV in which nothing can be heard."""
    out = io.BytesIO()
    soundfile.write(out, np.zeros(round(SPEECH_RATE * seconds)), SPEECH_RATE, format="WAV")
    return base64.b64encode(out.getvalue()).decode()


def alike(one: str, other: str) -> bool:
    """Whether two base64 WAVs hold the same sound but for the rounding of its last bit."""
    a, b = samples(one), samples(other)
    return a.shape == b.shape and bool(np.abs(a - b).max() < 3 / 32768)


def activity(url: str) -> dict[str, Any]:
    """What the server says about its own work."""
    found: dict[str, Any] = web.get(f"{url}/internal/activity", headers=INTERNAL).json()
    return found


def idle(url: str) -> bool:
    """Whether nobody waits for the server and its queue is empty."""
    now = activity(url)
    return bool(now["in_flight"] == now["queue_depth"] == 0)
