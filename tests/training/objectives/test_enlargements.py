"""Enlarged pictures for training against the first guess of an edit that enlarges."""

import pytest
import torch
from torch.nn import functional as F

from core import SuperResolve
from core.first_guess import enlarged
from tests.training.objectives.steps import draws_for
from training.draws import Draws
from training.objectives.enlargements import FACTORS, enlargements


def pictures(count: int, side: int = 32) -> torch.Tensor:
    return torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(5)) * 2 - 1


def test_each_is_what_super_resolution_by_one_of_the_factors_starts_from():
    x = pictures(60)
    guesses = {k: enlarged(SuperResolve(F.avg_pool2d(x, k), k)) for k in FACTORS}
    large = enlargements(x, draws_for(60))
    near = torch.stack([(large - guess).abs().amax(dim=(1, 2, 3)) < 1e-6 for guess in guesses.values()])
    assert (near.sum(0) == 1).all()
    assert (near.sum(1) > 10).all()  # every factor has its turn


@pytest.mark.parametrize("side", [4, 6])
def test_factors_that_do_not_divide_the_side_are_left_out(side):
    x = pictures(20, side)
    large = enlargements(x, draws_for(20))
    assert large.shape == x.shape
    torch.testing.assert_close(large.mean(dim=(2, 3)), x.mean(dim=(2, 3)))


def test_a_batch_in_parts_is_enlarged_alike():
    x = pictures(6)

    def of(first: int, last: int) -> torch.Tensor:
        return enlargements(x[first:last], Draws(torch.Generator().manual_seed(2), 6, first, last))

    torch.testing.assert_close(torch.cat([of(0, 1), of(1, 4), of(4, 6)]), of(0, 6))
