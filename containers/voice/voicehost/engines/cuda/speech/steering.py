"""Takes part in each frame that Qwen3-TTS makes: stops, caps, draws.

The package's own `generate` drives the model. What it lets nobody pass in is hung onto the loaded
model here: a hook before each frame, and a say in each choice of a code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any

from voicehost.engines.cuda.speech.sampling import Sampler
from voicehost.queueing.batch import Abandoned

if TYPE_CHECKING:
    from torch import Tensor


class Utterances:
    """The rows of one call of the model.

    `caps` are frames after which a row is cut off, `seeds` decide each row's draws. `wanted()` is
    asked before each frame which rows somebody still waits for.
    """

    def __init__(
        self,
        caps: Sequence[int],
        seeds: Sequence[int],
        wanted: Callable[[int], Sequence[bool]],
        *,
        device: str,
        endless: bool = False,
    ) -> None:
        import torch

        self.caps = list(caps)
        self.endless = endless
        self.frame = -1
        self._wanted = wanted
        self._device = device
        self.seeds = torch.tensor(seeds, dtype=torch.int64, device=device)
        self.ending = [False] * len(self.caps)
        self._ended = torch.zeros(len(self.caps), dtype=torch.bool, device=device)
        self._cut = torch.zeros(len(self.caps), dtype=torch.bool, device=device)
        self._broken = torch.zeros(len(self.caps), dtype=torch.bool, device=device)

    @property
    def cut(self) -> list[bool]:
        """Which rows were cut off at their cap."""
        return [bool(row) for row in self._cut.tolist()]

    @property
    def broken(self) -> list[bool]:
        """In which rows the model computed something that is no number."""
        return [bool(row) for row in self._broken.tolist()]

    def before_frame(self) -> None:
        """Raises Abandoned when no row is wanted."""
        self.frame += 1
        wanted = self._wanted(self.frame)
        if not any(wanted):
            raise Abandoned
        self.ending = [not is_wanted for is_wanted in wanted]

    def note_broken(self, logits: Tensor) -> None:
        """Codes that may not be chosen are minus infinity on purpose; a row that has ended is
        computed on and counts no more."""
        # Kept on the device: to look at it here would have the processor wait for each frame.
        bad = (logits.isnan() | logits.isposinf()).any(dim=-1)
        self._broken |= bad & ~self._ended

    def end_rows(self, codes: Tensor, scores: Tensor, end: int) -> Tensor:
        """Have rows end that nobody wants or that are at their cap; keep all others from it if
        they are `endless`."""
        import torch

        frame = codes.shape[-1]
        self._ended = (codes == end).any(dim=-1)
        if self.endless:
            scores[:, end] = -torch.inf
        capped = [frame >= cap for cap in self.caps]
        if not any(capped) and not any(self.ending):
            return scores
        rows = torch.tensor(
            [a or b for a, b in zip(capped, self.ending, strict=True)], device=self._device
        )
        at_cap = torch.tensor([frame == cap for cap in self.caps], device=self._device)
        running = ~self._ended & (scores.argmax(dim=-1) != end)
        self._cut |= at_cap & running
        forced = torch.full_like(scores, -torch.inf)
        forced[:, end] = 0.0
        return torch.where(rows[:, None], forced, scores)


class Steering:
    """Hung onto one loaded model for good; `during` says whose frames are made."""

    def __init__(self, model: Any, *, talker: Sampler, predictor: Sampler) -> None:
        self._samplers = talker, predictor
        self._utterances: Utterances | None = None
        self._end = int(model.config.talker_config.codec_eos_token_id)
        self._codebooks = int(model.config.talker_config.num_code_groups)
        inner = model.talker
        inner.generation_config.pad_token_id = self._end
        inner.model.register_forward_pre_hook(self._before_frame, with_kwargs=True)
        inner.generate = _with_a_say(inner.generate, self._choose_first)
        inner.code_predictor.generate = _with_a_say(
            inner.code_predictor.generate, self._choose_others
        )

    @contextmanager
    def during(self, utterances: Utterances) -> Iterator[None]:
        self._utterances = utterances
        try:
            yield
        finally:
            self._utterances = None

    def _now(self) -> Utterances:
        if self._utterances is None:
            raise RuntimeError("the model runs outside of during()")
        return self._utterances

    def _before_frame(self, module: Any, arguments: Any, named: dict[str, Any]) -> None:
        self._now().before_frame()

    def _choose_first(self, codes: Tensor, logits: Tensor) -> Tensor:
        """The first codebook, which also says where the speech ends."""
        now = self._now()
        now.note_broken(logits)
        place = codes.shape[-1] * self._codebooks
        scores = self._samplers[0].scores(codes, logits, now.seeds, place)
        return now.end_rows(codes, scores, self._end)

    def _choose_others(self, codes: Tensor, logits: Tensor) -> Tensor:
        now = self._now()
        now.note_broken(logits)
        place = now.frame * self._codebooks + codes.shape[-1] + 1
        return self._samplers[1].scores(codes, logits, now.seeds, place)


def _with_a_say(generate: Any, choose: Callable[[Tensor, Tensor], Tensor]) -> Any:
    """`generate` with its greedy choice made among the scores that `choose` returns."""
    from transformers import LogitsProcessorList

    class Choice:
        def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
            return choose(input_ids, scores)

    @wraps(generate)
    def steered(*arguments: Any, **named: Any) -> Any:
        return generate(*arguments, logits_processor=LogitsProcessorList([Choice()]), **named)

    return steered
