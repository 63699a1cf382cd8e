"""Noise levels: the Karras grid, what can be sampled, strengths."""

from itertools import pairwise
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import RequestError, karras_sigmas
from core.schedule import RHO, SIGMA_DATA, SIGMA_MAX, SIGMA_MIN, geometric_sigmas, strength_to_sigma, validated_sigmas

GRID_40 = {
    0: 80, 4: 44.6302, 8: 23.6101, 10: 16.7799, 12: 11.7185, 14: 8.02648, 16: 5.38000, 17: 4.36556, 18: 3.51970,
    19: 2.81839, 20: 2.24044, 21: 1.76720, 22: 1.38237, 23: 1.07172, 24: 0.82294, 26: 0.46998, 28: 0.25563,
    30: 0.13120, 32: 0.06276, 34: 0.02753, 36: 0.01081, 38: 0.00368, 39: 0.002,
}  # fmt: skip
# The second levels that were published for two-step sampling, with the grid that each is a point of.
PUBLISHED = [(40, 22, 1.382368), (40, 17, 4.365562), (201, 106, 1.912844), (151, 67, 3.991219), (151, 62, 5.248503)]


def test_the_constants_are_those_of_the_papers():
    assert (SIGMA_MIN, SIGMA_MAX, SIGMA_DATA, RHO) == (0.002, 80.0, 0.5, 7.0)


@pytest.mark.parametrize(("index", "sigma"), GRID_40.items())
def test_the_grid_of_40_points_is_the_published_one(index, sigma):
    assert karras_sigmas(40)[index] == pytest.approx(sigma, rel=1e-5, abs=5e-6)


@pytest.mark.parametrize(("points", "index", "sigma"), PUBLISHED)
def test_published_second_levels_are_points_of_their_grids(points, index, sigma):
    assert karras_sigmas(points)[index] == pytest.approx(sigma, rel=1e-6)


@given(st.integers(2, 1000), st.floats(0.001, 1.0), st.floats(1.01, 200.0), st.floats(1.0, 10.0))
def test_every_grid_descends_from_the_highest_level_to_the_lowest(n, low, high, rho):
    sigmas = karras_sigmas(n, sigma_min=low, sigma_max=high, rho=rho)
    assert len(sigmas) == n
    assert (sigmas[0], sigmas[-1]) == (high, low)
    assert all(later < earlier for earlier, later in pairwise(sigmas))


def test_one_step_is_the_highest_level():
    assert karras_sigmas(1) == [80.0]


@pytest.mark.parametrize(
    "wish", [{"n": n} for n in (0, -3, 1001)] + [{"n": 4, "sigma_min": 0.0}, {"n": 4, "sigma_max": 0.001}]
)
def test_impossible_grids_are_refused(wish):
    with pytest.raises(RequestError, match="not possible"):
        karras_sigmas(**wish)


@pytest.mark.parametrize("sigmas", [[], [1.0, 1.0], [1.0, 2.0], [80.0, 0.001], [nan], [2.0, nan, 1.0], [inf, 1.0]])
def test_levels_that_cannot_be_sampled_are_refused(sigmas):
    with pytest.raises(RequestError):
        validated_sigmas(sigmas)


@given(st.lists(st.floats(0.002, 1e4), min_size=1, unique=True))
def test_levels_that_descend_pass_unchanged(levels):
    levels = sorted(levels, reverse=True)
    assert validated_sigmas(levels) == levels


def test_a_strength_of_one_half_is_the_models_own_level_and_the_ends_are_factors_of_four():
    assert [strength_to_sigma(s, 1.35) for s in (0, 0.5, 1)] == pytest.approx([1.35 / 4, 1.35, 5.4])


@pytest.mark.parametrize("strength", [-0.01, 1.01, float("nan")])
def test_strengths_outside_the_slider_are_refused(strength):
    with pytest.raises(RequestError):
        strength_to_sigma(strength, 1.35)


def test_geometric_levels_keep_one_ratio_between_their_ends():
    levels = geometric_sigmas(8.0, 1.0, 4)
    assert levels == pytest.approx([8, 4, 2, 1])
    assert geometric_sigmas(8.0, 1.0, 1) == [8.0]
