"""The files a finished presentation consists of."""

from pathlib import Path

from examples.narration.take import Take
from gpuvoice.narration.delivery import Part, deliver


def write_files(take: Take, out: Path, gap_s: float) -> None:
    """Write recordings, alignment.json, narration.wav, narration.vtt and narration.srt.

    Segments follow one another with `gap_s` seconds of silence. Recordings of an earlier
    run that this one did not make anew are removed.
    """
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("[0-9][0-9]_*.wav"):
        old.unlink()
    for spoken in take.segments:
        (out / spoken.wav_name).write_bytes(spoken.clip.audio)
    parts = [
        Part(
            spoken.segment.id,
            spoken.segment.text,
            spoken.wav_name,
            spoken.recording,
            spoken.alignment,
            spoken.comparison,
        )
        for spoken in take.segments
    ]
    deliver(out, take.narration.title, parts, gap_s)
