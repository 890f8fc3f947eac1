"""The name of an entry: a hash of everything that shapes the result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from voicehost.engines.protocol import SPEECH_RATE, AlignInput, TranscribeInput
from voicehost.speaking.text import SpokenText

FOLDER = "store/"
# One more whenever entries of before can no longer be read.
FORMAT = 1


def speech_name(text: SpokenText, *, engine: str, speaker: str, seed: int | None) -> str:
    """Of the clip with this seed; None is any take. `engine` is its fingerprint, `speaker` the
    voice of texts that name none."""
    pieces = []
    for spoken, piece in zip(text.inputs(), text.pieces, strict=True):
        voice = (spoken.voice or speaker).lower()
        # Each piece's seed follows from that of the text.
        pieces.append({**asdict(spoken), "voice": voice, "seed": 0, "ending": piece.ending.value})
    return _name({"engine": engine, "pieces": pieces, "seed": seed, "rate": SPEECH_RATE})


def heard_name(kind: str, heard: TranscribeInput | AlignInput, *, engine: str) -> str:
    """`kind` is transcribe or align; the audio counts by its decoded samples, whatever the file."""
    asked = {each.name: getattr(heard, each.name) for each in fields(heard) if each.name != "audio"}
    samples = np.ascontiguousarray(heard.audio, dtype="<f4")
    digest = hashlib.sha256(samples.data).hexdigest()
    return _name({"engine": engine, "kind": kind, "samples": digest, **asked})


def _name(what: Mapping[str, Any]) -> str:
    canonical = json.dumps({"format": FORMAT, **what}, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return f"{FOLDER}{digest[:2]}/{digest}"
