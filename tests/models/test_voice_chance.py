"""Draws by seed: they follow the model's probabilities and owe nothing to each other."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

from voicehost.engines.cuda.speech import sampling
from voicehost.engines.cuda.speech.chance import gumbel
from voicehost.engines.cuda.speech.sampling import Sampler, Sampling
from voicehost.engines.cuda.speech.voice import CudaVoice
from voicehost.engines.protocol import SpeechInput
from voicehost.queueing.batch import Batch
from voicehost.queueing.ticket import Ticket

LOGITS = torch.tensor([2.0, 1.0, 0.0, -1.0, -torch.inf])
DRAWS = 20_000


def drawn(seeds: torch.Tensor, place: int) -> torch.Tensor:
    return (LOGITS + gumbel(seeds, place, len(LOGITS))).argmax(dim=-1)


@pytest.mark.parametrize("place", [0, 1, 17, 5_000])
def test_draws_follow_the_softmax(place: int) -> None:
    codes = drawn(torch.arange(DRAWS), place)
    shares = torch.bincount(codes, minlength=len(LOGITS)) / DRAWS
    # Three standard deviations of the likeliest code's share are 0.01.
    assert torch.allclose(shares, LOGITS.softmax(dim=-1), atol=0.015)


def test_a_code_that_cannot_be_is_never_drawn() -> None:
    assert not (drawn(torch.arange(DRAWS), 3) == 4).any()


@pytest.mark.parametrize(("step", "place"), [(1, 0), (0, 1), (65_536, 0), (0, 16), (2**31, 0)])
def test_neighbouring_seeds_and_places_are_independent(step: int, place: int) -> None:
    seeds = torch.arange(DRAWS)
    one, other = drawn(seeds, 0), drawn(seeds + step, place)
    alike = (one == other).double().mean()
    by_chance = (LOGITS.softmax(dim=-1) ** 2).sum()
    assert abs(float(alike - by_chance)) < 0.02


def test_a_row_s_noise_does_not_depend_on_its_company() -> None:
    together = gumbel(torch.tensor([5, 2**32 - 1, 7]), 40, 3072)
    alone = gumbel(torch.tensor([2**32 - 1]), 40, 3072)
    assert torch.equal(together[1:2], alone)


def test_noise_is_always_a_number() -> None:
    noise = torch.cat([gumbel(torch.arange(512), place, 3072) for place in range(8)])
    assert torch.isfinite(noise).all()
    assert float(noise.mean()) == pytest.approx(0.5772, abs=0.01)
    assert float(noise.var()) == pytest.approx(torch.pi**2 / 6, abs=0.02)


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"), [(0.9, 3, 1.0), (0.5, 0, 1.0), (2.0, 0, 0.8)]
)
def test_codes_are_drawn_as_transformers_would_draw_them(
    temperature: float, top_k: int, top_p: float
) -> None:
    warped = TemperatureLogitsWarper(temperature)(None, LOGITS[None])
    if top_k:
        warped = TopKLogitsWarper(top_k)(None, warped)
    if top_p < 1.0:
        warped = TopPLogitsWarper(top_p)(None, warped)
    sampler = Sampler(Sampling(temperature, top_k, top_p))
    codes = torch.zeros((DRAWS, 0), dtype=torch.int64)
    scores = sampler.scores(codes, LOGITS.expand(DRAWS, -1), torch.arange(DRAWS), 7)
    shares = torch.bincount(scores.argmax(dim=-1), minlength=len(LOGITS)) / DRAWS
    assert torch.allclose(shares, warped.softmax(dim=-1)[0], atol=0.015)


def test_a_checkpoint_s_habits_reach_the_part_that_they_are_for() -> None:
    habits = {"temperature": 0.7, "top_k": 9, "subtalker_temperature": 1.1, "subtalker_top_p": 0.6}
    assert Sampling.of(habits, greedy=False) == Sampling(0.7, 9, 1.0)
    assert Sampling.of(habits, "subtalker_", greedy=False) == Sampling(1.1, 50, 0.6)


def test_no_draw_of_an_utterance_shares_its_noise_with_another(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = CudaVoice(
        models / "tts", device="cpu", speaker="Aiden", language="en", limit_mib=0, rows=1,
        piece_characters=300,
    )  # fmt: skip
    engine.load(lambda what, fraction: None)
    places: list[int] = []

    def noted(seeds: torch.Tensor, place: int, count: int) -> torch.Tensor:
        places.append(place)
        return gumbel(seeds, place, count)

    monkeypatch.setattr(sampling, "gumbel", noted)
    ticket = Ticket([SpeechInput("Good morning.", seed=7)], key="")
    engine.run(Batch(ticket.works))
    assert len(places) > 3 * 16
    # Sixteen codes a frame, and the first of one more, which is the end.
    assert sorted(places) == list(range(len(places)))
