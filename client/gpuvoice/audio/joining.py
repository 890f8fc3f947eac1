"""Several clips as one, with a pause between them."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence

from gpuvoice.errors import ServerFailed
from gpuvoice.results import Clip


def joined(clips: Sequence[Clip], pause_seconds: float) -> Clip:
    """One clip of all, in their order; the seed is that of the first. Raises ServerFailed."""
    if len(clips) == 1:
        return clips[0]
    sounds = [_read(clip) for clip in clips]
    rates = {rate for rate, _ in sounds}
    if len(rates) != 1:
        raise ServerFailed("The server sent clips of different sample rates.")
    rate = rates.pop()
    pause = bytes(2 * round(rate * pause_seconds))
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pause.join(pcm for _, pcm in sounds))
    cut_off = any(clip.finish_reason == "length" for clip in clips)
    reason = "length" if cut_off else clips[0].finish_reason
    return Clip(out.getvalue(), rate, clips[0].seed, reason)


def _read(clip: Clip) -> tuple[int, bytes]:
    try:
        with wave.open(io.BytesIO(clip.audio)) as file:
            if (file.getnchannels(), file.getsampwidth()) != (1, 2):
                raise ServerFailed("The server sent audio that is not mono with 16 bit.")
            return file.getframerate(), file.readframes(file.getnframes())
    except (wave.Error, EOFError):
        raise ServerFailed("The server sent audio that is not a WAV file.") from None
