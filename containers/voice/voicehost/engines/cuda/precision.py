"""Which number formats a card computes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from voicehost.engines.protocol import LoadError

Format = Literal["bfloat16", "float16", "float32"]

# bfloat16 has tensor cores from compute capability 8.0 (Ampere) up: CUDA C programming guide,
# table of arithmetic instructions. A T4 is 7.5; below 7.0 half precision has none either.
BFLOAT16_FROM = (8, 0)
FLOAT16_FROM = (7, 0)


@dataclass(frozen=True, slots=True)
class Precision:
    """`talker` is the large model's format, `predictor` that of Qwen3-TTS's code predictor, `ears`
    CTranslate2's compute type for Whisper. The wave decoder is always float32, as it is published:
    in bfloat16 it gave values that are no numbers (vLLM-Omni, issue 1663).
    """

    talker: Format
    predictor: Format
    ears: Literal["float16", "int8"]

    @property
    def mixed(self) -> bool:
        return self.talker != self.predictor


def precision_for(capability: tuple[int, int] | None) -> Precision:
    """By compute capability; None is a CPU. Raises LoadError for a card that is too old.

    float16 overflows in the code predictor of Qwen3-TTS, which then computes no numbers: found by
    vLLM-Omni on a g4dn.xlarge (its pull request 3253). That part, a tenth of the weights, stays in
    float32.
    """
    if capability is None:
        return Precision("float32", "float32", "int8")
    if capability >= BFLOAT16_FROM:
        return Precision("bfloat16", "bfloat16", "float16")
    if capability >= FLOAT16_FROM:
        return Precision("float16", "float32", "float16")
    raise LoadError(
        f"This GPU has compute capability {capability[0]}.{capability[1]}; 7.0 or newer is "
        "needed (T4, L4, A10G and later)."
    )
