"""How large the next batch of texts may be: by rows, and by the frames that they may come to."""

from __future__ import annotations

from collections.abc import Sequence

from voicehost.engines.cuda.size import Size

# Positions of a text and its instruct before the first frame: some 100 tokens.
PROMPT = 100


class Room:
    """As many rows as `size` says, of `frames` each; rows that may run longer take more of it."""

    def __init__(self, rows: int, frames: int) -> None:
        self.size = Size(rows)
        self._frames = frames + PROMPT

    @property
    def rows(self) -> int:
        return int(self.size.now)

    def choose(self, caps: Sequence[int]) -> int:
        """How many of the next texts go into one batch, by their caps in frames; at least one."""
        left = self.rows * self._frames
        for count, cap in enumerate(caps[: self.rows]):
            left -= cap + PROMPT
            if left < 0:
                return max(1, count)
        return min(self.rows, len(caps))
