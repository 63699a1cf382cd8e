"""Levels for painting over strokes, and strokes made from photographs."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import ModelCard, PictureError, RequestError, SamplingRules, karras_sigmas, paint_sigmas, strokes_from_photo
from tests.tiny import picture

CARD = ModelCard(stroke_sigmas=(5.38, 2.24))


def test_two_steps_at_strength_one_half_are_the_cards_levels():
    assert paint_sigmas(CARD, 0.5, 1) == [5.38]
    assert paint_sigmas(CARD, 0.5, 2) == pytest.approx([5.38, 2.24])


@given(st.floats(0, 1), st.integers(1, 1000))
def test_levels_descend_one_for_each_step_and_stay_above_the_end(strength, steps):
    sigmas = paint_sigmas(ModelCard(), strength, steps)
    assert len(sigmas) == steps
    assert all(later < earlier for earlier, later in pairwise(sigmas))
    assert sigmas[-1] >= ModelCard().sigma_min


@given(st.floats(0, 1), st.integers(2, 100), st.floats(0.01, 2))
def test_a_denoiser_walks_the_karras_grid_down_to_the_end_in_its_card(strength, steps, end):
    card = ModelCard(sampling=SamplingRules(move="carry", carry_end=end))
    sigmas = paint_sigmas(card, strength, steps)
    assert sigmas == karras_sigmas(steps, sigma_max=sigmas[0], sigma_min=sigmas[-1])
    assert sigmas[0] == pytest.approx(paint_sigmas(ModelCard(), strength, steps)[0])
    assert sigmas[-1] == pytest.approx(min(end, sigmas[0] / 2))


@given(st.integers(1, 12))
def test_more_strength_is_more_noise_at_every_step(steps):
    weak, strong = paint_sigmas(CARD, 0.3, steps), paint_sigmas(CARD, 0.7, steps)
    assert all(a < b for a, b in zip(weak, strong))


@given(st.integers(2, 20))
def test_more_steps_end_lower(steps):
    assert paint_sigmas(CARD, 0.5, steps + 1)[-1] < paint_sigmas(CARD, 0.5, steps)[-1]


@pytest.mark.parametrize(("strength", "steps"), [(0.5, 0), (0.5, 1001), (-0.1, 2), (1.1, 2)])
def test_wishes_outside_the_ranges_are_refused(strength, steps):
    with pytest.raises(RequestError):
        paint_sigmas(CARD, strength, steps)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 8))
def test_strokes_have_few_colours_and_the_photos_size(rows, columns, colours):
    strokes = strokes_from_photo(picture(0, rows, columns), colours=colours)
    assert strokes.shape == (rows, columns, 3)
    assert strokes.dtype == np.uint8
    assert len(np.unique(strokes.reshape(-1, 3), axis=0)) <= colours


def test_the_same_photo_gives_the_same_strokes_whatever_ran_before():
    photo = picture(1, 64, 48)
    first = strokes_from_photo(photo)
    cv2.setRNGSeed(12345)
    assert np.array_equal(strokes_from_photo(photo), first)


def test_a_photo_of_two_flat_halves_is_its_own_strokes():
    photo = np.full((32, 32, 3), (200, 30, 60), dtype=np.uint8)
    photo[:, 16:] = (10, 90, 250)
    assert np.array_equal(strokes_from_photo(photo, colours=2), photo)


@pytest.mark.parametrize("photo", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3))])
def test_anything_but_an_rgb_picture_is_refused(photo):
    with pytest.raises(PictureError, match="RGB"):
        strokes_from_photo(photo)
