"""The mean over estimates of a picture that is moved by a pixel more each time."""

import pytest
import torch

from core import Nothing, SamplingRules, SeededNoise, edit, edit_steps
from core.shifts import shifted_estimates
from tests import tiny
from tests.oracles import Gaussian

DATA = Gaussian()


def noisy(seed: int = 0) -> torch.Tensor:
    return torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(seed))


def test_what_treats_all_pixels_alike_is_not_changed_by_it():
    x = noisy()
    means = list(shifted_estimates(DATA.denoiser, x, 0.7, None, 4))
    assert len(means) == 4
    for mean in means:
        torch.testing.assert_close(mean, DATA.denoiser(x, 0.7))


@pytest.mark.parametrize("patch", [2, 4])
def test_a_grid_of_patches_vanishes_but_where_the_picture_ends(patch):
    rows, columns = (torch.arange(patch) == 0).float().sub(1 / patch).tile(2, 8 // patch)
    grid = rows[:, None] + 0.5 * columns[None]
    *_, mean = shifted_estimates(lambda x, *_: x + grid, x := noisy(), 1.0, None, patch)
    inside = (..., slice(8 - patch + 1), slice(8 - patch + 1))
    torch.testing.assert_close(mean[inside], x[inside])
    assert ((mean - x).abs() <= grid.abs().max() + 1e-6).all()


def test_every_estimate_sees_the_same_labels_and_level():
    seen = []
    labels = torch.tensor([1, 0])
    list(shifted_estimates(lambda x, sigma, told: seen.append((sigma, told)) or x, noisy(), 0.3, labels, 3))
    assert seen == [(0.3, labels)] * 3


RULES = SamplingRules(move="carry", shifts=4)


def test_the_last_level_of_a_walk_has_the_estimates_and_a_caller_may_pause_between_them():
    levels = []

    def denoiser(x, sigma, labels):
        levels.append(sigma)
        return DATA.denoiser(x, sigma)

    steps = edit_steps(denoiser, Nothing(), [2.0, 1.0], SeededNoise([5]), shape=(3, 8, 8), rules=RULES, pauses=True)
    pauses = [(x0 is None, len(levels)) for x0 in steps]
    assert levels == [2.0] + [1.0] * 4
    assert pauses == [(False, 1), (True, 2), (True, 3), (True, 4), (False, 5)]


def test_a_single_step_has_one_estimate():
    model, start, noise = tiny.model("edm"), tiny.photos(1), SeededNoise([3])
    one, other = (edit(model, Nothing(), [1.3], noise, start=start, rules=rules) for rules in (RULES, SamplingRules()))
    assert torch.equal(one, other)
