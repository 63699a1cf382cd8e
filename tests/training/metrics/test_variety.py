"""Variety: known answers, by a distance that is the mean difference of two pictures."""

import numpy as np
import pytest

from tests.training.metrics.plain_features import Means
from training.metrics.variety import variety


def greys(*levels: int) -> np.ndarray:
    return np.stack([np.full((4, 4, 3), level, np.uint8) for level in levels])


def test_a_set_that_repeats_one_picture_has_no_variety():
    assert variety(greys(*[77] * 10), Means().distances) == 0


def test_pairs_are_of_two_pictures_and_each_picture_is_in_one():
    """Powers of two: the sum of all pairs' differences tells that no picture was taken twice."""
    levels = [1, 2, 4, 8, 16, 32, 64, 128]
    pairs = []
    variety(greys(*levels), lambda a, b: pairs.extend(zip(a[:, 0, 0, 0], b[:, 0, 0, 0])) or np.zeros(len(a)))
    assert sorted(level for pair in pairs for level in pair) == levels


@pytest.mark.parametrize(("count", "pairs"), [(2, 1), (5, 2), (200, 100), (230, 100)])
def test_at_most_200_pictures_are_paired(count, pairs):
    sizes = []
    variety(greys(*[0] * count), lambda a, b: sizes.append(len(a)) or Means().distances(a, b))
    assert sizes == [pairs]


def test_half_the_contrast_has_half_the_variety():
    levels = np.random.default_rng(0).integers(0, 128, 40)
    whole, half = (variety(greys(*each), Means().distances) for each in (2 * levels, levels))
    assert whole == pytest.approx(2 * half)
