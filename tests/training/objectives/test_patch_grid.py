"""The strength of a pattern that repeats with every patch, against patterns that are known."""

import pytest
import torch

from training.objectives.patch_grid import fine_details, pattern_strength

PATTERN = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])  # a checkerboard of single pixels: what the filter leaves whole


def test_a_pattern_has_the_strength_of_its_own_power():
    x = 0.1 * PATTERN.tile(32, 32).expand(2, 3, 64, 64) * torch.tensor([1.0, 2.0])[:, None, None, None]
    torch.testing.assert_close(
        pattern_strength(x, 4), torch.tensor([0.01, 0.04]), rtol=0.05, atol=0
    )  # but at the edges


def test_details_without_a_pattern_average_out_over_the_patches_of_a_block():
    x = torch.randn(64, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    expected = fine_details(x).square().mean() / 64
    assert float(pattern_strength(x, 4).mean()) == pytest.approx(float(expected), rel=0.05)


def test_even_shading_is_no_pattern():
    """A slope is alike in all patches, but nobody sees a grid in it. Only the mirrored edge bends it."""
    slope = torch.linspace(-1, 1, 64).expand(1, 3, 64, 64)
    assert float(fine_details(slope)[..., 1:-1].abs().max()) < 1e-6
    assert float(pattern_strength(slope, 4)) < 1e-5 * float(slope.square().mean())


@pytest.mark.parametrize("period", [3, 5, 7])
def test_a_pattern_of_another_period_is_no_grid_of_patches(period):
    stripe = (torch.arange(64) % period == 0).float().expand(1, 1, 64, 64)
    assert float(pattern_strength(stripe, 4)) < 0.1 * float(pattern_strength(stripe, period))


@pytest.mark.parametrize("side", [4, 12, 16, 36])
def test_small_pictures_are_one_block_and_incomplete_blocks_are_left_out(side):
    x = PATTERN.tile(side // 2, side // 2)[None, None]
    strength = pattern_strength(x, 4)
    assert strength.shape == (1,)
    assert float(strength) > 0.2
