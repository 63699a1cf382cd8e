"""Masks grow, shrink and fade by true distances, and never beyond what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core import RequestError, feather_weights, grow, to_mask


@st.composite
def masks(draw):
    rows, columns = draw(st.integers(1, 14)), draw(st.integers(1, 14))
    share = draw(st.sampled_from([0.0, 0.05, 0.4, 0.9, 1.0]))
    return np.where(np.random.default_rng(draw(st.integers(0, 1000))).random((rows, columns)) < share, 255, 0).astype(
        np.uint8
    )


def distances(mask: np.ndarray) -> np.ndarray:
    """From every pixel to the nearest masked one; infinite without any."""
    places = np.argwhere(mask)
    offsets = np.indices(mask.shape)[..., None] - places.T[:, None, None, :]
    return np.sqrt((offsets**2).sum(axis=0)).min(axis=-1, initial=np.inf)


@given(masks(), st.sampled_from([0, 1, 1.5, 2, 3, 7]))
def test_a_mask_grows_by_all_pixels_within_the_distance(mask, pixels):
    assert np.array_equal(grow(mask, pixels), np.where(distances(mask) <= pixels, 255, 0))


@given(masks(), st.sampled_from([1, 2, 3]))
def test_a_mask_shrinks_by_all_pixels_within_the_distance_of_what_is_kept(mask, pixels):
    assert np.array_equal(grow(mask, -pixels), np.where(distances(255 - mask) > pixels, 255, 0))


@given(masks(), st.integers(0, 4))
def test_growing_and_shrinking_back_never_loses_a_masked_pixel(mask, pixels):
    assert (grow(grow(mask, pixels), -pixels) >= mask).all()


@given(masks(), st.sampled_from([0, 1, 4, 20]))
def test_weights_are_zero_exactly_outside_and_positive_inside(mask, pixels):
    weights = feather_weights(mask, pixels)
    assert weights.dtype == np.float32
    assert np.array_equal(weights > 0, mask != 0)
    assert weights.max() <= 1
    assert (weights[distances(255 - mask) > pixels + 1] == 1).all()


def test_a_feather_rises_smoothly_and_without_one_the_edge_is_hard():
    mask = np.zeros((1, 20), np.uint8)
    mask[:, 5:] = 255
    weights = feather_weights(mask, 4)[0]
    assert (np.diff(weights[4:11]) >= 0).all()
    np.testing.assert_allclose(weights[5:10], [t * t * (3 - 2 * t) for t in (0.2, 0.4, 0.6, 0.8, 1.0)], atol=1e-6)
    assert np.array_equal(feather_weights(mask, 0), mask / 255)


def test_the_pictures_frame_is_no_border_of_a_mask():
    full = np.full((6, 6), 255, np.uint8)
    assert (grow(full, -2) == 255).all()
    assert (feather_weights(full, 3) == 1).all()


def test_a_feather_below_zero_is_refused():
    with pytest.raises(RequestError, match="feather of -1 pixels"):
        feather_weights(np.zeros((2, 2), np.uint8), -1)


def test_white_of_any_picture_becomes_a_mask_with_its_border_at_half_brightness():
    grey = np.array([[0, 5, 127, 128, 250, 255]], np.uint8)
    expected = [[0, 0, 0, 255, 255, 255]]
    for picture in (grey, grey[..., None].repeat(3, 2), Image.fromarray(grey), Image.fromarray(grey).convert("RGB")):
        assert to_mask(picture).tolist() == expected
