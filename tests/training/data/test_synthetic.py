"""The pictures that the project draws itself."""

import numpy as np
import pytest

from training.data.synthetic import synthetic_pictures


def block_means(pictures, side):
    count, channels, resolution, _ = pictures.shape
    block = resolution // side
    return pictures.reshape(count, channels, side, block, side, block).mean(axis=(3, 5))


@pytest.mark.parametrize("resolution", [16, 20, 64])
def test_pictures_are_uint8_of_the_side_asked_for(resolution):
    pictures = synthetic_pictures(3, resolution, seed=0)
    assert pictures.shape == (3, 3, resolution, resolution)
    assert pictures.dtype == np.uint8


def test_a_picture_depends_on_its_number_and_seed_alone():
    many = synthetic_pictures(6, 16, seed=5)
    assert np.array_equal(synthetic_pictures(2, 16, seed=5), many[:2])
    assert not np.array_equal(synthetic_pictures(6, 16, seed=6), many)


def test_all_pictures_differ():
    pictures = synthetic_pictures(200, 16, seed=0)
    assert len(np.unique(pictures.reshape(200, -1), axis=0)) == 200


def test_a_room_looks_the_same_at_every_resolution():
    """A small picture is the average of a large one: 3 of 255 apart, against 15 for edges that are not smoothed."""
    small, large = (block_means(synthetic_pictures(20, resolution, seed=1).astype(float), 16) for resolution in (16, 64))
    assert np.abs(small - large).mean() < 6


def test_the_window_side_is_brighter_and_either_side_occurs():
    """The upper part of the wall is lit from the window, which is left or right."""
    upper = synthetic_pictures(100, 16, seed=0)[:, :, :6].astype(float).mean(axis=(1, 2))
    left_is_brighter = upper[:, :8].mean(axis=1) > upper[:, 8:].mean(axis=1)
    assert 30 < left_is_brighter.sum() < 70
