"""How the next code of each row is chosen from the model's logits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from voicehost.engines.cuda.speech.chance import gumbel

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Sampling:
    """The checkpoint's own habits; `greedy` takes the likeliest code always."""

    temperature: float
    top_k: int
    top_p: float
    greedy: bool = False

    @classmethod
    def of(cls, defaults: Mapping[str, Any], prefix: str = "", *, greedy: bool) -> Sampling:
        """From a checkpoint's generation_config.json; the published values where it has none."""
        return cls(
            temperature=float(defaults.get(f"{prefix}temperature", 0.9)),
            top_k=int(defaults.get(f"{prefix}top_k", 50)),
            top_p=float(defaults.get(f"{prefix}top_p", 1.0)),
            greedy=greedy,
        )


class Sampler:
    """Turns logits into scores whose largest is the chosen code."""

    def __init__(self, sampling: Sampling) -> None:
        from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

        self._greedy = sampling.greedy
        self._warpers: list[Any] = [TemperatureLogitsWarper(sampling.temperature)]
        if sampling.top_k > 0:
            self._warpers.append(TopKLogitsWarper(sampling.top_k))
        if sampling.top_p < 1.0:
            self._warpers.append(TopPLogitsWarper(sampling.top_p))

    def scores(self, codes: Tensor, logits: Tensor, seeds: Tensor, place: int) -> Tensor:
        """Logits of shape (rows, vocabulary) after temperature, top-k and top-p, with the noise of
        each row's seed; unchanged when greedy."""
        if self._greedy:
            return logits
        for warp in self._warpers:
            logits = warp(codes, logits)
        return logits + gumbel(seeds, place, logits.shape[-1])
