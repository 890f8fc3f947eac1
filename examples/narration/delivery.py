"""The files a finished presentation consists of."""

import json
from pathlib import Path
from typing import Any

from examples.narration.sound import join
from examples.narration.subtitles import cues_for, write_subrip, write_webvtt
from examples.narration.take import SpokenSegment, Take


def write_files(take: Take, out: Path, gap_s: float) -> None:
    """Write recordings, alignment.json, narration.wav, narration.vtt and narration.srt.

    Segments follow one another with `gap_s` seconds of silence. Recordings of an earlier
    run that this one did not make anew are removed.
    """
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("[0-9][0-9]_*.wav"):
        old.unlink()
    for part in take.segments:
        (out / part.wav_name).write_bytes(part.recording.wav())
    entries = [_entry(part) for part in take.segments]
    (out / "alignment.json").write_text(json.dumps(entries, indent=1), encoding="utf-8")

    whole, starts = join([part.recording for part in take.segments], gap_s)
    (out / "narration.wav").write_bytes(whole.wav())
    timed = [(part.alignment.words, at) for part, at in zip(take.segments, starts, strict=True)]
    cues = cues_for(timed, whole.duration_s)
    write_webvtt(out / "narration.vtt", take.narration.title, cues)
    write_subrip(out / "narration.srt", cues)


def _entry(part: SpokenSegment) -> dict[str, Any]:
    return {
        "id": part.segment.id,
        "text": part.segment.text,
        "wav": part.wav_name,
        "duration": round(part.recording.duration_s, 3),
        "heard": part.comparison.heard,
        "word_error_rate": round(part.comparison.error_rate, 4),
        "words": [word.as_json() for word in part.alignment.words],
    }
