"""Where the model's squares are found around holes of any number, size and place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import core
from app.edits.found_squares import CONTEXT, MAX_SQUARES, NOTHING_TO_FILL, squares_around
from core.compose import Square, extend_mask

LEAST = 8  # pixels of a square's side


@st.composite
def masks(draw) -> np.ndarray:
    height, width = draw(st.integers(1, 90)), draw(st.integers(1, 90))
    mask = np.zeros((height, width), np.uint8)
    for _ in range(draw(st.integers(1, 12))):
        y, x = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        mask[y : y + draw(st.integers(1, 30)), x : x + draw(st.integers(1, 30))] = 255
    return mask


def holes(shape: tuple[int, int], *boxes: tuple[int, int, int, int]) -> np.ndarray:
    mask = np.zeros(shape, np.uint8)
    for x, y, width, height in boxes:
        mask[y : y + height, x : x + width] = 255
    return mask


@given(masks())
def test_squares_lie_in_the_photo_and_cover_all_that_is_marked(mask):
    height, width = mask.shape
    try:
        squares = squares_around(mask, LEAST)
    except core.RequestError:
        assert max(mask.shape) > 3 * min(mask.shape)  # only a long photo has holes that need so many
        return
    rest = mask.copy()
    for square in squares:
        assert 0 <= square.x <= width - square.side and 0 <= square.y <= height - square.side
        assert rest[square.inside(mask)].any()  # no square is in vain
        rest[square.inside(mask)] = 0
    assert not rest.any() and len(squares) <= MAX_SQUARES


def test_holes_far_apart_have_squares_of_their_own_size_and_near_ones_share_one():
    small, large = (20, 20, 10, 10), (700, 500, 60, 40)
    apart = squares_around(holes((800, 1000), small, large), LEAST)
    assert sorted(square.side for square in apart) == [CONTEXT * 10, CONTEXT * 60]
    assert len(squares_around(holes((800, 1000), small, (32, 20, 10, 10)), LEAST)) == 1


def test_more_holes_than_squares_share_them():
    boxes = [(100 * i + 10, 100 * k + 10, 5, 5) for i in range(9) for k in range(3)]
    assert len(squares_around(holes((300, 900), *boxes), LEAST)) <= MAX_SQUARES
    speckled = np.random.default_rng(0).random((300, 300)) < 0.02
    assert squares_around(np.where(speckled, 255, 0).astype(np.uint8), LEAST) == (Square(0, 0, 300),)


@pytest.mark.parametrize("frame", [(0, 0, 300, 0), (300, 0, 0, 0), (0, 0, 100, 0), (200, 0, 300, 0), (0, 300, 0, 0)])
def test_each_square_of_an_extended_photo_sees_something_that_is_known(frame):
    mask = extend_mask(np.zeros((300, 900), np.uint8), *frame)
    for square in squares_around(mask, LEAST):
        assert (mask[square.inside(mask)] == 0).mean() >= 0.2
        mask[square.inside(mask)] = 0


def test_a_large_mask_is_covered_to_its_last_pixel():
    mask = holes((3000, 2000), (3, 5, 1, 1), (1999, 2999, 1, 1), (501, 1503, 7, 200))
    for square in squares_around(mask, LEAST):
        mask[square.inside(mask)] = 0
    assert not mask.any()


def test_too_long_a_hole_and_none_are_told():
    with pytest.raises(core.RequestError, match="longer than 8 squares"):
        squares_around(np.full((10, 200), 255, np.uint8), LEAST)
    with pytest.raises(core.RequestError, match=NOTHING_TO_FILL[:20]):
        squares_around(np.zeros((10, 200), np.uint8), LEAST)
