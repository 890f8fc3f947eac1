"""A wav2vec2 model over audio of any length, in windows, so that memory does not grow with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from voicehost.engines.protocol import HEARING_RATE, Audio

if TYPE_CHECKING:
    from torch import Tensor

# What a window hears of its neighbours and does not answer for.
CONTEXT_SECONDS = 2.0
# Below this variance, audio is silence that should not be blown up to noise.
LEAST_VARIANCE = 1e-7


def emissions(
    model: Any, audio: Audio, device: str, window_seconds: float, between: Callable[[], None]
) -> Tensor:
    """Log probabilities, (frames, labels), on the CPU: those of one pass, but for the context.

    Audio up to `window_seconds` is one pass. Mono at 16 kHz, made zero mean and unit variance as
    the published checkpoints are trained (`do_normalize` in their preprocessor_config.json).
    """
    import torch

    stride, field = _geometry(model.config)
    samples = torch.from_numpy((audio - audio.mean()) / (audio.var() + LEAST_VARIANCE) ** 0.5)
    samples = torch.nn.functional.pad(samples, (0, max(0, field - len(samples))))
    frames = (len(samples) - field) // stride + 1
    window = (
        frames if len(audio) <= window_seconds * HEARING_RATE else _frames(window_seconds, stride)
    )
    context = _frames(CONTEXT_SECONDS, stride)
    parts = []
    with torch.inference_mode():
        for start in range(0, frames, window):
            between()
            end = min(start + window, frames)
            first, last = max(0, start - context), min(frames, end + context)
            piece = samples[first * stride : (last - 1) * stride + field]
            logits = model(piece[None].to(device)).logits[0]
            heard = logits[start - first : end - first].float()
            parts.append(heard.log_softmax(dim=-1).cpu())
    return torch.cat(parts)


def _frames(seconds: float, stride: int) -> int:
    return max(1, int(seconds * HEARING_RATE / stride))


def _geometry(config: Any) -> tuple[int, int]:
    """Samples from one frame to the next, and samples that one frame hears: 320 and 400."""
    stride, field = 1, 1
    for step, width in zip(reversed(config.conv_stride), reversed(config.conv_kernel), strict=True):
        field = (field - 1) * step + width
        stride *= step
    return stride, field
