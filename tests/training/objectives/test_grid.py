"""The grid of the discrete objectives, and the pairs drawn from it."""

import pytest
import torch

from core.schedule import SIGMA_MAX, SIGMA_MIN, karras_sigmas
from tests.training.objectives.steps import draws_for
from training.objectives.grid import draw_pairs, karras_grid


@pytest.mark.parametrize("points", [2, 5, 18, 40, 1000])
def test_the_grid_equals_that_of_the_sampler(points):
    assert karras_grid(points).tolist() == pytest.approx(karras_sigmas(points), rel=1e-6)


@pytest.mark.parametrize("points", [2, 18, 201, 1281])
@pytest.mark.parametrize("rho", [3.0, 7.0])
def test_its_ends_are_exact(points, rho):
    grid = karras_grid(points, rho=rho)
    assert grid[0] == torch.tensor(SIGMA_MAX)
    assert grid[-1] == torch.tensor(SIGMA_MIN)  # to the last bit: there the boundary condition holds


def test_all_pairs_of_neighbours_are_equally_likely():
    grid = karras_grid(9)
    high, low = draw_pairs(draws_for(40_000), 9)
    upper = torch.searchsorted(-grid, -high)
    assert torch.equal(grid[upper], high)
    assert torch.equal(grid[upper + 1], low)
    assert torch.bincount(upper, minlength=9).tolist() == pytest.approx([5000] * 8 + [0], rel=0.06)
