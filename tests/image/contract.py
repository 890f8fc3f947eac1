"""Both servers answer through the contract, with what a client of theirs sends."""

from __future__ import annotations

import base64
import io
from typing import Any

import httpx
import soundfile

from operate.verify.golden_set import golden_set
from operate.verify.words import error_rates
from tests import web
from tests.image.box import Box
from tests.image.report import Report

SECONDS = 240
# The small Whisper that stands for the large one hears the golden recordings better than this.
WORD_ERRORS = 0.2


def check_contract(report: Report, box: Box) -> None:
    text = "Good morning, and welcome. Amazing."
    one = _post(f"{box.tts}/generate", {"text": text})
    report.check("generate gives a WAV of 24 kHz, mono, 16 bit", _is_wav(one.get("audio")))
    texts = [text, "The second one.", "The third."]
    batch = _post(f"{box.tts}/generate_batch", {"texts": texts})
    good = batch.get("count") == len(texts) and all(map(_is_wav, batch.get("audios", [])))
    report.check("generate_batch gives one for each text", good)

    recording = golden_set().recordings[0]
    heard = _post(f"{box.whisperx}/transcribe", {"audio": recording.audio})
    rate, _ = error_rates([recording.text], [heard.get("text", "")])
    report.check("transcribe hears a recording", rate <= WORD_ERRORS, f"{rate:.0%} of words wrong")
    asked = {"audio": recording.audio, "text": f"{recording.text} It cost $5 in 2024."}
    words = _post(f"{box.whisperx}/align", asked).get("words", [])
    report.check("align gives one entry for each written word", _fit(words, asked["text"]))
    report.check("its times never go backwards", _forward(words, recording.seconds))

    health = [box.get(f"{url}/health") for url in box.both]
    shown = [answer.json() if answer else {} for answer in health]
    loaded = all(each.get("model_loaded") and each.get("family") == "cuda" for each in shown)
    report.check("health says that the models are loaded", loaded, shown[0].get("model", ""))


def _post(url: str, body: dict[str, Any]) -> dict[str, Any]:
    try:
        answer = web.post(url, json=body, timeout=SECONDS)
        found: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError):
        return {}
    return found if answer.status_code == 200 and found.get("success") else {}


def _is_wav(audio: str | None) -> bool:
    if not audio:
        return False
    about = soundfile.info(io.BytesIO(base64.b64decode(audio)))
    kind = about.format, about.subtype, about.samplerate, about.channels
    return kind == ("WAV", "PCM_16", 24000, 1) and about.frames > 0


def _fit(words: list[dict[str, Any]], text: str) -> bool:
    return [word["word"] for word in words] == text.split()


def _forward(words: list[dict[str, Any]], seconds: float) -> bool:
    times = [time for word in words for time in (word["start"], word["end"])]
    inside = all(0 <= time <= seconds + 0.01 for time in times)
    starts = [word["start"] for word in words]
    ordered = all(word["start"] <= word["end"] for word in words) and starts == sorted(starts)
    return bool(words) and inside and ordered
