"""Dabs of colour: the mean under each is held, the luminance of every pixel too."""

import numpy as np
import pytest
import torch

import core
from core.constraint import AXES
from core.dabs import MAX_DABS, Dabs, dabs_of
from tests import tiny

SIDE = 16
RED, BLUE = (0.9, 0.1, 0.1), (0.1, 0.2, 0.9)


def known(seed: int = 0, axis: str = "grey") -> core.Colorize:
    """Of a picture of middling greys: strong colours fit."""
    return core.Colorize(0.2 * tiny.photos(1, SIDE, SIDE, seed), axis)


def layer_of(*dabs: tuple[slice, slice, tuple]) -> np.ndarray:
    layer = np.zeros((SIDE, SIDE, 4), np.float32)
    for rows, columns, colour in dabs:
        layer[rows, columns] = (*colour, 1)
    return layer


@pytest.fixture(params=AXES)
def two(request) -> Dabs:
    return dabs_of(
        known(axis=request.param), layer_of((slice(2, 5), slice(2, 9), RED), (slice(10, 14), slice(8, 12), BLUE))
    )


def chroma(x: torch.Tensor) -> torch.Tensor:
    weights = torch.tensor(core.constraint.LUMA)[None, :, None, None]
    return x - (weights * x).sum(1, keepdim=True) / weights.sum()


def test_the_mean_colour_under_each_dab_is_its_own_and_the_luminance_is_the_photo_s(two):
    x = two.apply(torch.randn(3, 3, SIDE, SIDE))
    for part, colour in ((np.s_[..., 2:5, 2:9], RED), (np.s_[..., 10:14, 8:12], BLUE)):
        wanted = chroma(2 * torch.tensor(colour)[None, :, None, None] - 1)[0, :, 0, 0]
        assert torch.allclose(chroma(x)[part].mean((2, 3)), wanted.expand(3, 3), atol=1e-5)
    assert torch.allclose(two.known.apply(x), x, atol=1e-5)


def test_it_is_a_projection(two):
    x = two.apply(torch.randn(2, 3, SIDE, SIDE))
    assert torch.allclose(two.apply(x), x, atol=1e-5)


def test_the_colour_reaches_what_is_like_its_place_and_not_across_an_edge():
    even = torch.full((1, 3, SIDE, SIDE), 0.2)
    even[..., 9:] = -0.8
    dabs = dabs_of(core.Colorize(even), layer_of((slice(6, 9), slice(5, 8), RED)))
    red = chroma(dabs.apply(even))[0, 0]
    assert red[7, 6] > red[7, 8] > 0.1 > 10 * abs(red[7, 10]) and abs(red[0, 0]) < 1e-3


def test_a_settled_picture_fits_into_a_file_with_its_luminance(two):
    x = two.project_in_range(3 * torch.randn(2, 3, SIDE, SIDE))
    assert x.abs().max() <= 1 + 1e-6 and torch.allclose(two.known.apply(x), x, atol=1e-5)


def test_a_colour_that_fits_is_there_in_the_end():
    mild = dabs_of(known(), layer_of((slice(2, 5), slice(2, 9), (0.7, 0.45, 0.4))))
    x = mild.project_in_range(torch.zeros(1, 3, SIDE, SIDE))
    assert torch.allclose(mild.means(x)[0], mild.targets, atol=1e-5)


def test_an_empty_layer_has_no_dabs_and_a_motley_one_not_too_many():
    assert dabs_of(known(), layer_of()) is None
    motley = np.random.default_rng(0).random((SIDE, SIDE, 4)).astype(np.float32)
    motley[..., 3] = 1
    assert len(dabs_of(known(), motley).weights) == MAX_DABS
