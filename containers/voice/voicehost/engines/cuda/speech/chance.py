"""Chance that belongs to a row: the same seed draws the same codes, in any batch.

One generator for a whole batch, as PyTorch has it, would give a text other codes in other company.
Here a draw is a function of the row's seed and of the place where it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

MASK = 0xFFFFFFFF
# Odd constants that spread neighbouring numbers over 32 bits: the golden ratio's, and those of
# MurmurHash3's 32-bit finalizer (Appleby, public domain).
STRIDE = 0x9E3779B1
FIRST, SECOND = 0x85EBCA6B, 0xC2B2AE35


def gumbel(seeds: Tensor, place: int, count: int) -> Tensor:
    """Gumbel noise of shape (rows, count), float32, from int64 `seeds` of shape (rows,).

    `place` numbers the draw within the row. The largest of logits plus this noise is a draw from
    their softmax: the Gumbel-max trick (Maddison, Tarlow and Minka, "A* sampling", 2014).
    """
    import torch

    row = _mix((_mix(seeds & MASK) + place * STRIDE) & MASK)
    across = torch.arange(count, device=seeds.device, dtype=torch.int64)
    bits = _mix((row[:, None] + across[None, :] * STRIDE) & MASK)
    # 23 bits and a half: with one more, the largest would round to 1, whose noise is infinite.
    uniform = ((bits >> 9).to(torch.float32) + 0.5) * (1.0 / (1 << 23))
    return -torch.log(-torch.log(uniform))


def _mix(numbers: Tensor) -> Tensor:
    """32 well-mixed bits of 32; products wrap around in 64, and only the low half is kept."""
    numbers = numbers ^ (numbers >> 16)
    numbers = (numbers * FIRST) & MASK
    numbers = numbers ^ (numbers >> 13)
    numbers = (numbers * SECOND) & MASK
    return numbers ^ (numbers >> 16)
