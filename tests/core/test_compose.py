"""A square of a photo goes to the model and its result comes back: only where it was asked for."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from core import PictureError, RequestError, Square, extend, paste, to_model, to_uint8, view, view_mask
from core.pictures.limits import MAX_PIXELS
from tests import tiny

R = 8


@st.composite
def places(draw):
    """(photo, square, mask): photos from 1 x 1, squares that may reach out of them, masks of any shape."""
    rows, columns = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    side, seed = draw(st.integers(1, 60)), draw(st.integers(0, 1000))
    x, y = (draw(st.integers(1 - side, length - 1)) for length in (columns, rows))
    mask = (np.random.default_rng(seed).random((rows, columns)) < draw(st.sampled_from([0, 0.1, 0.7, 1]))) * 255
    return tiny.picture(seed, rows, columns), Square(x, y, side), mask.astype(np.uint8)


def inside(photo: np.ndarray, square: Square) -> np.ndarray:
    """Which pixels of the photo lie in the square, by asking each of them."""
    rows, columns = np.indices(photo.shape[:2])
    across = (columns >= square.x) & (columns < square.x + square.side)
    return across & (rows >= square.y) & (rows < square.y + square.side)


@given(places(), st.sampled_from([0, 1, 5, 30]))
def test_every_pixel_outside_the_mask_or_the_square_keeps_its_exact_value(place, feather):
    photo, square, mask = place
    before, result = photo.copy(), tiny.photos(1, R, R)
    pasted = paste(photo, result, square, mask, feather)
    kept = (mask == 0) | ~inside(photo, square)
    assert np.array_equal(pasted[kept], photo[kept])
    assert pasted.dtype == np.uint8 and pasted is not photo
    assert np.array_equal(photo, before)


@given(places(), st.integers(0, 255))
def test_without_a_feather_every_masked_pixel_inside_the_square_is_the_models(place, level):
    photo, square, mask = place
    flat = to_model(np.full((R, R, 3), level, np.uint8))
    changed = (mask != 0) & inside(photo, square)
    assert np.array_equal(paste(photo, flat, square, mask), np.where(changed[..., None], level, photo))
    assert np.array_equal(paste(photo, flat, square), np.where(inside(photo, square)[..., None], level, photo))


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 100))
def test_at_the_models_own_size_view_and_paste_are_exact(x, y, seed):
    photo, square = tiny.picture(seed, 30, 30), Square(x, y, R)
    assert np.array_equal(to_uint8(view(photo, square, R))[0], photo[y : y + R, x : x + R])
    assert np.array_equal(paste(photo, view(photo, square, R), square), photo)
    result = tiny.photos(1, R, R, seed=seed + 1)
    assert np.array_equal(paste(photo, result, square)[y : y + R, x : x + R], to_uint8(result)[0])


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_a_larger_square_is_seen_as_means_of_areas(factor):
    photo = tiny.picture(0, R * factor, R * factor)
    means = F.avg_pool2d(to_model(photo), factor)
    assert (view(photo, Square(0, 0, R * factor), R) - means).abs().max() <= 0.51 / 127.5


@given(st.integers(1, 50), st.integers(1, 50), st.integers(0, 255))
def test_a_flat_photo_is_flat_at_every_size(rows, columns, level):
    photo = np.full((rows, columns, 3), level, np.uint8)
    for square in (None, Square.centred(columns, rows), Square(-3, -2, 60)):
        assert (to_uint8(view(photo, square, R)) == level).all()


def test_beyond_the_frame_the_outermost_pixels_repeat():
    photo = tiny.picture(0, 4, 4)
    expected = np.pad(photo, ((2, 2), (4, 0), (0, 0)), mode="edge")
    assert np.array_equal(to_uint8(view(photo, Square(-4, -2, R), R))[0], expected)


def test_without_a_square_the_whole_photo_is_squeezed():
    photo = tiny.picture(0, 2 * R, 5 * R)
    assert (view(photo, None, R) - F.avg_pool2d(to_model(photo), (2, 5))).abs().max() <= 0.51 / 127.5
    assert view(tiny.picture(0, 1, 90), None, R).shape == (1, 3, R, R)


@given(places())
def test_a_pixel_of_the_model_is_filled_exactly_if_its_area_touches_the_mask_or_the_outside(place):
    photo, square, mask = place
    seen = view_mask(mask, square, R)[0, 0]
    fill, step = (mask != 0), square.side / R
    for i, j in np.ndindex(R, R):
        rows, columns = (
            range(int(np.floor(start + k * step + 1e-9)), int(np.ceil(start + (k + 1) * step - 1e-9)))
            for start, k in ((square.y, i), (square.x, j))
        )
        area = [(r, c) for r in rows for c in columns]
        frame = all(0 <= r < photo.shape[0] and 0 <= c < photo.shape[1] for r, c in area)
        assert seen[i, j] == float(not frame or any(fill[place] for place in area))


def test_one_touched_pixel_of_a_large_photo_is_not_lost():
    mask = np.zeros((900, 900), np.uint8)
    mask[450, 899] = 1
    seen = view_mask(mask, Square(0, 0, 900), R)
    assert seen.sum() == 1 and seen[0, 0, 4, 7] == 1


@given(*[st.integers(0, 9)] * 4, st.integers(1, 20), st.integers(1, 20))
def test_an_extended_photo_holds_the_old_one_unchanged_and_the_mask_is_what_is_new(
    left, top, right, bottom, rows, columns
):
    photo = tiny.picture(0, rows, columns)
    wider, mask = extend(photo, left, top, right, bottom)
    assert wider.shape[:2] == mask.shape == (rows + top + bottom, columns + left + right)
    assert np.array_equal(wider[mask == 0].reshape(photo.shape), photo)
    assert (mask == 255).sum() == mask.size - rows * columns
    assert np.array_equal(wider, np.pad(photo, ((top, bottom), (left, right), (0, 0)), mode="edge"))


def test_frames_that_shrink_or_grow_too_far_are_refused():
    with pytest.raises(RequestError, match="crop"):
        extend(tiny.picture(), -1, 0, 0, 0)
    with pytest.raises(RequestError, match="million"):
        extend(tiny.picture(), 0, 0, MAX_PIXELS, 0)


def test_where_the_square_cuts_the_mask_the_feather_begins_and_at_the_photos_frame_it_does_not():
    photo, white = np.zeros((40, 40, 3), np.uint8), torch.ones(1, 3, R, R)
    pasted = paste(photo, white, Square(0, 0, 20), np.full((40, 40), 255, np.uint8), 4)[..., 0].astype(int)
    assert (pasted[:15, :15] == 255).all()
    assert (np.diff(pasted[5, 15:21]) < 0).all() and pasted[5, 20] == 0


def test_the_central_square_is_the_largest():
    assert Square.centred(9, 5) == Square(2, 0, 5)
    assert Square.centred(5, 9) == Square(0, 2, 5)


@pytest.mark.parametrize("square", [(10, 0, 4), (0, 10, 4), (-4, 0, 4), (0, -4, 4)])
def test_a_square_beside_the_photo_is_refused(square):
    with pytest.raises(RequestError, match="outside the photo"):
        view(tiny.picture(0, 10, 10), Square(*square), R)


def test_squares_of_no_size_masks_of_another_size_and_arrays_that_are_no_photos_are_refused():
    photo, result, square = tiny.picture(0, 9, 8), tiny.photos(1), Square(0, 0, 8)
    with pytest.raises(RequestError, match="side is 1 or more"):
        Square(0, 0, 0)
    with pytest.raises(RequestError, match="8 x 8 pixels, the photo 8 x 9"):
        paste(photo, result, square, np.zeros((8, 8), np.uint8))
    for array in (photo[..., 0], photo.astype(float), photo[:0]):
        with pytest.raises(PictureError, match="8 bits"):
            paste(array, result, square)
