"""What one decoding step costs, by rows in the batch: published figures, not ours."""

from __future__ import annotations

from dataclasses import dataclass

FRAMES_PER_SECOND = 12.5


@dataclass(frozen=True, slots=True)
class StepCost:
    """Seconds of one step: `one_row`, growing linearly to `growth` times as much at 16 rows."""

    name: str
    one_row: float
    growth: float

    def seconds(self, rows: int) -> float:
        return self.one_row * (1.0 + (self.growth - 1.0) * (max(1, rows) - 1) / 15)


# Qwen3-TTS 12 Hz through the qwen-tts package: one step is one 80 ms frame; alone it makes
# 0.45 seconds of audio per second on a T4 and 0.38 on an H200 (it is bound by kernel launches,
# not by the card), and a step of 16 rows takes 1.3 times one of a single row.
CURVES = {
    "t4": StepCost("t4", 1 / FRAMES_PER_SECOND / 0.45, 1.3),
    "h200": StepCost("h200", 1 / FRAMES_PER_SECOND / 0.38, 1.3),
}
