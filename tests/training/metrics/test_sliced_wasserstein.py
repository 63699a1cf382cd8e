"""The distance of patches, against point sets whose distance is known in closed form and properties of pyramids."""

import math

import cv2
import numpy as np
import pytest

from tests.training.metrics.plain_features import noise
from training.evaluation.resize import blurred
from training.metrics.sliced_wasserstein import PatchDistance, laplacian_pyramid, sliced_distance


def points(count: int, spread: float = 1.0, seed: int = 0, width: int = 12) -> np.ndarray:
    return (spread * np.random.default_rng(seed).standard_normal((count, width))).astype(np.float32)


def test_a_set_is_at_distance_0_from_itself_in_any_order():
    a = points(200)
    assert sliced_distance(a, a[::-1]) == 0


def test_gaussians_of_two_spreads_are_at_the_known_distance():
    """Sorted projections pair equal quantiles, so the distance is |s - 1| E|z|."""
    found = sliced_distance(points(4000), points(4000, 2.5, seed=1))
    assert found == pytest.approx(1.5 * math.sqrt(2 / math.pi), rel=0.03)


def test_the_distance_of_a_shifted_set_is_the_mean_length_of_the_projected_shift():
    """The mean of |u . v| over unit vectors u in d dimensions is |v| Gamma(d/2) / (sqrt(pi) Gamma((d+1)/2))."""
    a, move = points(50), points(1, seed=2)
    factor = math.gamma(6) / (math.sqrt(math.pi) * math.gamma(6.5))
    assert sliced_distance(a, a + move) == pytest.approx(factor * np.linalg.norm(move), rel=0.15)


def test_sets_of_different_sizes_cannot_be_compared():
    with pytest.raises(ValueError, match="one shape"):
        sliced_distance(points(3), points(4))


@pytest.mark.parametrize(("side", "levels"), [(128, [128, 64, 32, 16]), (48, [48, 24]), (32, [32, 16]), (8, [8])])
def test_a_pyramid_goes_down_to_16_pixels_and_loses_nothing(side, levels):
    picture = np.random.default_rng(0).uniform(0, 255, (side, side, 3)).astype(np.float32)
    pyramid = laplacian_pyramid(picture)
    assert [level.shape[0] for level in pyramid] == levels
    whole = pyramid[-1]
    for detail in pyramid[-2::-1]:
        whole = cv2.pyrUp(whole, dstsize=detail.shape[1::-1]) + detail
    np.testing.assert_allclose(whole, picture, atol=1e-3)


def test_a_single_coloured_picture_has_no_details():
    *details, rest = laplacian_pyramid(np.full((64, 64, 3), 90, np.float32))
    assert max(np.abs(detail).max() for detail in details) < 1e-3
    np.testing.assert_allclose(rest, 90, rtol=1e-5)


@pytest.fixture
def distance():
    """To noise."""
    return PatchDistance(noise(12, 64))


@pytest.fixture
def others():
    """Other noise of the same kind, so few of it that their distance is not 0."""
    return noise(12, 64, seed=1)


def test_every_level_gets_a_figure_and_stripes_are_further_from_noise_than_other_noise(distance, others):
    near, far = distance(others), distance(np.repeat(others[:, :, :1], 64, axis=2))
    assert list(near) == [64, 32, 16]
    assert all(far[side] > 1.5 * near[side] for side in near)


def test_more_pictures_of_one_kind_come_nearer_to_0(distance, others):
    fewer, more = distance(others), PatchDistance(noise(48, 64))(noise(48, 64, seed=1))
    assert all(more[side] < 0.7 * fewer[side] for side in fewer)


def test_brightness_and_contrast_of_a_whole_set_do_not_count(distance, others):
    assert distance((others // 2).astype(np.uint8)) == pytest.approx(distance(others), rel=0.02)


def test_blur_is_seen_in_the_finest_level_and_not_in_the_coarsest(distance, others):
    found, floor = distance(blurred(others, 2)), distance(others)
    assert found[64] > 1.5 * floor[64]
    assert found[16] == pytest.approx(floor[16], rel=0.1)


def test_single_coloured_pictures_have_a_finite_distance():
    assert all(
        math.isfinite(figure) for figure in PatchDistance(noise(4, 32))(np.zeros((4, 32, 32, 3), np.uint8)).values()
    )
