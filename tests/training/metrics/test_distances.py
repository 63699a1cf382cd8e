"""Distances between sets of features, against Gaussians whose distance is known."""

import numpy as np
import pytest

from training.metrics.distribution import frechet_distance, kernel_distance


def sample(count: int, mean: float = 0.0, std: float = 1.0, seed: int = 0, width: int = 6) -> np.ndarray:
    return mean + std * np.random.default_rng(seed).standard_normal((count, width))


def test_the_frechet_distance_of_two_gaussians_is_the_closed_form():
    found = frechet_distance(sample(40_000), sample(40_000, 0.5, 2.0, 1))
    assert found == pytest.approx(6 * (0.5**2 + (2.0 - 1.0) ** 2), rel=0.03)


def test_the_frechet_distance_of_correlated_gaussians_does_not_depend_on_the_order():
    mix = np.random.default_rng(2).standard_normal((6, 6))
    a, b = sample(5000) @ mix, sample(5000, 0.3, 1.5, 1)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-6)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-6)


def test_the_kernel_distance_is_zero_on_average_for_one_distribution():
    found = [kernel_distance(sample(60, seed=2 * k), sample(50, seed=2 * k + 1)) for k in range(60)]
    assert abs(np.mean(found)) < 4 * np.std(found) / 60**0.5
    assert min(found) < 0


def test_the_kernel_distance_grows_with_the_gap():
    near, far = (kernel_distance(sample(300), sample(300, gap, seed=1)) for gap in (0.3, 1.0))
    assert 0 < near < far
