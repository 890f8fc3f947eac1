"""Draws by seed: they follow the model's probabilities and owe nothing to each other."""

from __future__ import annotations

import pytest
import torch

from voicehost.engines.cuda.speech.chance import gumbel

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
