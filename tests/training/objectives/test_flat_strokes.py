"""Strokes for training against those that core makes of one photograph at a time, and what is always true of them."""

import numpy as np
import pytest
import torch

from core import strokes_from_photo, to_uint8
from tests.training.objectives.steps import draws_for
from training.draws import Draws
from training.objectives.flat_strokes import COLOURS, flat_strokes


def rooms(count: int = 3, side: int = 64) -> torch.Tensor:
    """A wall, a floor and a bed of random colours, with noise on them."""
    rng = torch.Generator().manual_seed(4)
    x = torch.zeros(count, 3, side, side)
    for rows, columns in (
        (slice(0, side), slice(0, side)),
        (slice(40, side), slice(0, side)),
        (slice(28, 52), slice(10, 40)),
    ):
        x[:, :, rows, columns] = 1.6 * torch.rand(count, 3, 1, 1, generator=rng) - 0.8
    return (x + 0.05 * torch.randn(x.shape, generator=rng)).clamp(-1, 1)


def test_a_few_colours_are_left_and_the_masses_stay():
    x = rooms()
    flat = flat_strokes(x, draws_for(3))
    for picture, strokes in zip(x, flat):
        assert 2 <= len(strokes.flatten(1).T.unique(dim=0)) <= COLOURS
        means = torch.nn.functional.avg_pool2d(torch.stack([picture, strokes]), 8)
        assert float((means[0] - means[1]).abs().mean()) < 0.06


def test_strokes_of_a_batch_are_near_those_of_one_photograph():
    x = rooms()
    flat = to_uint8(flat_strokes(x, draws_for(3))).astype(float)
    expected = np.stack([strokes_from_photo(picture) for picture in to_uint8(x)]).astype(float)
    assert np.abs(flat - expected).mean() < 12
    assert np.abs(flat - to_uint8(x)).mean() > 2  # which are no photographs any more


@pytest.mark.parametrize("shape", [(2, 1, 16, 16), (1, 3, 8, 8)])
def test_strokes_can_have_any_number_of_channels_and_few_pixels(shape):
    x = torch.rand(shape, generator=torch.Generator().manual_seed(1)) * 2 - 1
    flat = flat_strokes(x, draws_for(shape[0]))
    assert flat.shape == x.shape and float(flat.abs().max()) <= 1


def test_a_batch_in_parts_has_the_same_strokes():
    x = rooms(6)

    def of(first: int, last: int) -> torch.Tensor:
        return flat_strokes(x[first:last], Draws(torch.Generator().manual_seed(2), 6, first, last))

    torch.testing.assert_close(torch.cat([of(0, 1), of(1, 4), of(4, 6)]), of(0, 6), rtol=0, atol=1e-5)


def test_one_colour_stays_as_it_is():
    x = torch.full((2, 3, 16, 16), 0.3)
    torch.testing.assert_close(flat_strokes(x, draws_for(2)), x, rtol=0, atol=1e-6)
