"""Denoising, trained for seconds on data whose denoiser is known."""

import pytest
import torch
from torch import Tensor, nn

from core.scalings import Scalings, edm_scalings
from tests.oracles import Gaussian, Mixture, Plane
from tests.training.objectives.discrete import trained
from tests.training.objectives.steps import batch_of, draws_for
from training.objectives.base import expand
from training.objectives.edm import Denoising
from training.objectives.sigma_sampling import draw_sigmas

DENOISING = Denoising(mean=-1.0)
PLANE = Plane()
MARGINALS = [Mixture(PLANE.w, means, PLANE.s) for means in zip(*PLANE.m)]


class Free(nn.Module):
    """A small network inside the denoiser's scalings that sees two neighbours and the noise level."""

    def __init__(self, width: int = 48):
        super().__init__()
        with torch.random.fork_rng():
            torch.manual_seed(0)
            middle = (nn.SiLU(), nn.Linear(width, width), nn.SiLU())
            self.layers = nn.Sequential(nn.Linear(3, width), *middle, nn.Linear(width, 2))

    def forward(self, x: Tensor, sigma_B: Tensor, labels=None, dropout_mask=None) -> Tensor:
        scale = Scalings(*map(expand, edm_scalings(sigma_B)))
        pairs = (scale.in_ * x).unflatten(-1, (-1, 2))
        level = (sigma_B.log() / 2)[:, None, None, None, None].expand(*pairs.shape[:-1], 1)
        return scale.skip * x + scale.out * self.layers(torch.cat([pairs, level], dim=-1)).flatten(-2)


@torch.no_grad()
def error_of(denoiser, data) -> float:
    """How far it is from the exact one over the levels of training, in units of the network's own output."""
    batch, draws = batch_of(data, 1000, seed=999), draws_for(1000, seed=999)
    sigma_B = draw_sigmas(draws, mean=DENOISING.mean, std=DENOISING.std)
    x = batch.x0 + expand(sigma_B) * draws.normal(*batch.x0.shape[1:])
    error = (denoiser(x, sigma_B) - data.denoiser(x, sigma_B)) / expand(edm_scalings(sigma_B).out)
    return error.square().mean().sqrt().item()


def each_alone(x: Tensor, sigma_B: Tensor) -> Tensor:
    """The best estimate in the plane from each number alone."""
    return torch.stack([one.denoiser(x[..., n::2], sigma_B) for n, one in enumerate(MARGINALS)], dim=-1).flatten(-2)


@pytest.mark.parametrize("data", [Gaussian(), Mixture(), PLANE], ids=lambda data: type(data).__name__)
def test_short_training_finds_the_denoiser(data):
    before = error_of(Free(), data)
    student = trained(Free(), DENOISING, data, 300, rate=0.02, count=128)
    assert error_of(student, data) < 0.4 * before
    if data is PLANE:
        assert error_of(student, data) < 0.6 * error_of(each_alone, data)
