"""What edits start from: in range, true to what is known, and neutral where nothing is."""

import pytest
import torch

import core
from core.first_guess import enlarged, filled, grey


@pytest.fixture
def photos():
    return torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_a_filled_hole_leaves_the_rest_alone_and_is_as_smooth_as_its_border():
    photo = torch.full((1, 3, 16, 16), 0.4)
    mask = torch.zeros(1, 1, 16, 16)
    mask[..., 5:9, 6:12] = 1
    holed = torch.where(mask == 1, -1.0, photo)
    guess = filled(holed, mask)
    assert torch.equal(guess[(mask == 0).expand_as(guess)], holed[(mask == 0).expand_as(guess)])
    assert (guess - 0.4).abs().max() < 2 / 127.5  # OpenCV works in 8 bits


def test_a_hole_without_a_border_stays_as_it_is(photos):
    guess = filled(photos, torch.ones(1, 1, 16, 16))
    assert (guess - photos).abs().max() <= 1 / 255


def test_grey_has_equal_channels_and_the_known_luminance(photos):
    constraint = core.Colorize(photos)
    guess = grey(constraint)
    assert torch.equal(guess[:, 0], guess[:, 1]) and torch.equal(guess[:, 1], guess[:, 2])
    assert (constraint.apply(guess) - guess).abs().max() < 1e-6


def test_an_enlargement_keeps_block_means_and_the_range(photos):
    small = torch.nn.functional.avg_pool2d(photos, 4)
    guess = enlarged(core.SuperResolve(small, 4))
    assert (torch.nn.functional.avg_pool2d(guess, 4) - small).abs().max() < 1e-6
    assert guess.abs().max() <= 1 + 1e-6
