"""Holes filled with copies: what stays, what comes, and that it is as sharp as what is around."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import patch_fill
from core.errors import RequestError
from core.patch_fill import copied
from tests import tiny


def hole(height: int, width: int, y: int, x: int, rows: int, columns: int) -> np.ndarray:
    mask = np.zeros((height, width), np.uint8)
    mask[y : y + rows, x : x + columns] = 255
    return mask


def stripes(height: int, width: int, period: int = 8) -> np.ndarray:
    """Slanting stripes of two colours, which go on behind any hole."""
    y, x = np.mgrid[:height, :width]
    return np.where(((x + y) // (period // 2) % 2 == 0)[..., None], (200, 60, 30), (30, 90, 200)).astype(np.uint8)


@settings(deadline=None, max_examples=25)
@given(*[st.integers(1, 30)] * 2, *[st.integers(0, 29)] * 2, *[st.integers(0, 30)] * 2)
def test_no_pixel_outside_the_mask_changes_and_the_size_stays(height, width, y, x, rows, columns):
    photo, mask = tiny.picture(3, height, width), hole(height, width, y, x, rows, columns)
    filled = copied(photo, mask)
    assert filled.shape == photo.shape and filled.dtype == np.uint8
    assert (filled[mask == 0] == photo[mask == 0]).all()


def test_what_was_in_the_hole_says_nothing():
    photo, mask = stripes(60, 70), hole(60, 70, 20, 25, 15, 18)
    painted = photo.copy()
    painted[mask != 0] = (0, 255, 0)
    assert (copied(photo, mask) == copied(painted, mask)).all()


@pytest.mark.parametrize("place", [(30, 30), (0, 30), (0, 0), (68, 70)])
def test_stripes_go_on_behind_the_hole(place):
    photo, mask = stripes(100, 100), hole(100, 100, *place, 32, 30)
    filled = copied(photo, mask)
    smooth = cv2.inpaint(photo, mask, 3, cv2.INPAINT_TELEA)
    error = [np.abs(each.astype(int) - photo)[mask != 0].mean() for each in (filled, smooth)]
    assert error[0] < error[1] / 3


def test_a_hole_too_large_to_be_searched_is_copied_at_the_photos_own_sharpness(monkeypatch):
    monkeypatch.setattr(patch_fill, "TARGETS", 400)
    grain = np.random.default_rng(0).integers(90, 160, (160, 200, 1), dtype=np.uint8).repeat(3, axis=2)
    mask = hole(160, 200, 50, 60, 60, 70)
    filled = copied(grain, mask)
    assert (filled[mask == 0] == grain[mask == 0]).all()
    inside = filled[55:105, 65:125, 0].astype(float)
    assert inside.std() > 0.6 * grain.std()  # a mean of neighbours or an enlargement has a third of it


def test_equal_seeds_give_equal_copies_and_others_differ():
    photo, mask = tiny.picture(5, 60, 60), hole(60, 60, 20, 20, 20, 20)
    first = copied(photo, mask, seed=3)
    assert (first == copied(photo, mask, seed=3)).all() and (first != copied(photo, mask, seed=4)).any()


def test_holes_far_apart_are_filled_each_from_its_own_surroundings():
    photo = np.zeros((100, 400, 3), np.uint8)
    photo[:, :200], photo[:, 200:] = (250, 10, 10), (10, 10, 250)
    mask = hole(100, 400, 40, 40, 20, 20) | hole(100, 400, 40, 340, 20, 20)
    assert (copied(photo, mask) == photo).all()


def test_without_a_mask_or_with_nothing_left_the_photo_stays_and_a_mask_of_another_size_is_told():
    photo = tiny.picture(1, 20, 30)
    for value in (0, 255):
        assert (copied(photo, np.full((20, 30), value, np.uint8)) == photo).all()
    with pytest.raises(RequestError, match="same size"):
        copied(photo, np.zeros((30, 20), np.uint8))
