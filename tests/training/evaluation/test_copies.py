"""Copies of training pictures: planted ones are found."""

import numpy as np
import pytest

from tests.training.metrics.plain_features import noise
from training.evaluation.copies import NEAREST, Nearest, TrainingSet, copied_fraction, pixel_means, sheet

SIDE = 16


@pytest.fixture
def training():
    return noise(30, SIDE)


def distances(*nearest: float) -> Nearest:
    column = np.array(nearest)[:, None]
    return Nearest(column, np.zeros_like(column, int), np.zeros_like(column, bool))


def test_a_copy_and_a_mirrored_copy_are_found(training):
    samples = np.stack([training[7], training[11][:, ::-1]])
    found = TrainingSet(training, pixel_means).nearest(samples)
    assert found.index[:, 0].tolist() == [7, 11]
    assert found.mirrored[:, 0].tolist() == [False, True]
    assert found.distance[:, 0] == pytest.approx(0, abs=1e-5)


def test_the_nearest_come_in_order_and_are_those_of_a_plain_search(training):
    samples = noise(5, SIDE, seed=1)
    found = TrainingSet(training, pixel_means).nearest(samples)
    for row, sample in enumerate(samples / 255):
        both = [[np.linalg.norm(sample - turned) for turned in (t, t[:, ::-1])] for t in training / 255]
        expected = np.sort(np.min(both, axis=1))[:NEAREST]
        assert found.distance[row] == pytest.approx(expected)


def test_pixels_are_compared_as_means_of_at_most_32_by_32():
    picture = noise(1, 64)
    means = picture.reshape(1, 32, 2, 32, 2, 3).mean(axis=(2, 4)).reshape(1, -1) / 255
    assert pixel_means(picture) == pytest.approx(means, abs=1 / 255)
    assert pixel_means(noise(1, 16)).shape == (1, 16 * 16 * 3)


def test_the_fraction_counts_samples_nearer_than_the_nearest_hundredth_of_the_photographs():
    held_out = distances(*range(100, 201))  # the first percentile is 101
    assert copied_fraction(distances(5, 100.5, 101.5, 300), held_out) == 0.5


def test_the_fraction_of_photographs_themselves_is_a_hundredth():
    held_out = distances(*np.random.default_rng(0).uniform(1, 2, 300))
    assert copied_fraction(held_out, held_out) == 0.01


def test_a_sheet_shows_each_sample_above_its_copy(training):
    samples = training[:20, :, ::-1]
    search = TrainingSet(training, pixel_means)
    found = sheet(samples, [(search, search.nearest(samples))] * 2)
    assert found.shape == (7 * SIDE, 16 * SIDE, 3)
    rows = found.reshape(7, SIDE, 16, SIDE, 3).transpose(0, 2, 1, 3, 4)
    for row in (0, 1, 4):
        assert np.array_equal(rows[row], samples[:16])
