"""How much of a painting's colours is kept, and how colourful pictures are: known values."""

import numpy as np
import pytest

from training.evaluation.colours import colour_differences, mean_chroma, stroke_correlation


def plain(*colour: int, side: int = 16) -> np.ndarray:
    return np.full((1, side, side, 3), colour, np.uint8)


@pytest.fixture
def strokes():
    return np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)


def test_strokes_correlate_fully_with_themselves(strokes):
    assert stroke_correlation(strokes, strokes) == pytest.approx(1)
    assert colour_differences(strokes, strokes) == pytest.approx([0] * 4)


def test_strokes_correlate_inversely_with_their_negative(strokes):
    assert stroke_correlation(strokes, 255 - strokes) == pytest.approx(-1)


def test_black_and_white_are_100_apart():
    assert colour_differences(plain(0, 0, 0), plain(255, 255, 255)) == pytest.approx([100], abs=0.01)


def test_colours_are_compared_in_cielab():
    """sRGB's red is at (53.24, 80.09, 67.20) for D65, middle grey 119 at lightness 50.03."""
    expected = np.linalg.norm([53.24 - 50.03, 80.09, 67.20])
    assert colour_differences(plain(255, 0, 0), plain(119, 119, 119)) == pytest.approx([expected], rel=0.005)


def test_one_block_of_64_contributes_one_64th():
    changed = plain(0, 0, 0)
    changed[:, 2:4, 6:8] = 255
    assert colour_differences(plain(0, 0, 0), changed) == pytest.approx([100 / 64], abs=0.01)


def test_changes_inside_a_block_do_not_count(strokes):
    flipped = strokes.reshape(4, 8, 2, 8, 2, 3)[:, :, ::-1, :, ::-1].reshape(strokes.shape)
    assert colour_differences(strokes, flipped) == pytest.approx([0] * 4, abs=1e-4)


def test_chroma_is_that_of_cielab_and_greys_have_none():
    red = np.hypot(80.09, 67.20)
    assert mean_chroma(plain(255, 0, 0)) == pytest.approx(red, rel=0.005)
    assert mean_chroma(np.concatenate([plain(255, 0, 0), plain(0, 0, 0)])) == pytest.approx(red / 2, rel=0.005)
    assert mean_chroma(plain(119, 119, 119)) == pytest.approx(0, abs=0.05)
