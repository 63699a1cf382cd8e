"""Colours come from the model, luminance from the photo, and edges stay where the photo has them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core import Colorize, Square, recolour, to_grey, to_uint8, view
from core.constraint import LUMA
from tests import tiny

R = 16


def luma(pixels: np.ndarray) -> np.ndarray:
    return pixels @ np.array(LUMA)


@st.composite
def situations(draw):
    """(photo, result, square): noise, black and white, or flat; results as wild as Gaussian noise."""
    rows, columns, seed = draw(st.integers(1, 60)), draw(st.integers(1, 60)), draw(st.integers(0, 1000))
    photo = tiny.picture(seed, rows, columns)
    photo = draw(st.sampled_from([photo, photo // 128 * 255, np.full_like(photo, 200), to_grey(photo)]))
    result = draw(st.sampled_from([0.3, 1.0, 5.0])) * torch.randn(
        1, 3, R, R, generator=torch.Generator().manual_seed(seed)
    )
    side = draw(st.integers(1, 60))
    square = draw(st.sampled_from([None, Square(1 - (side + 1) // 2, 0, side), Square.centred(columns, rows)]))
    return photo, result, square


@given(situations())
def test_the_luma_of_every_pixel_is_the_photos_within_one_level(situation):
    photo, result, square = situation
    assert np.abs(luma(recolour(photo, result, square)) - luma(photo)).max() < 1


@given(situations())
def test_outside_the_square_every_pixel_keeps_its_exact_value(situation):
    photo, result, square = situation
    before = photo.copy()
    coloured = recolour(photo, result, square)
    kept = np.zeros(photo.shape[:2], bool)
    if square is not None:
        kept[:] = True
        kept[square.inside(photo)] = False
    assert np.array_equal(coloured[kept], photo[kept])
    assert np.array_equal(photo, before)


@given(situations())
def test_a_grey_result_makes_every_photo_grey(situation):
    photo, result, square = situation
    grey = recolour(photo, result.mean(1, keepdim=True).expand(-1, 3, -1, -1), square)
    part = (slice(None), slice(None)) if square is None else square.inside(photo)
    assert np.array_equal(grey[part], to_grey(photo)[part])


@given(st.integers(0, 1000), st.integers(1, 30), st.integers(1, 30))
def test_a_grey_picture_has_the_photos_luma_within_half_a_level(seed, rows, columns):
    photo = tiny.picture(seed, rows, columns)
    grey = to_grey(photo)
    assert (grey == grey[..., :1]).all()
    assert np.abs(grey[..., 0] - luma(photo) / sum(LUMA)).max() <= 0.501


def two_tones(left, right, rows: int, columns: int, edge: int) -> np.ndarray:
    photo = np.empty((rows, columns, 3), np.uint8)
    photo[:, :edge], photo[:, edge:] = left, right
    return photo


@pytest.mark.parametrize("edge", [200, 203, 217, 224])  # on a pixel of the model's, and inside one
@pytest.mark.parametrize("tones", [((40, 60, 160), (240, 200, 120)), ((150, 20, 20), (180, 220, 180))])
def test_no_colour_bleeds_across_an_edge_of_luminance(tones, edge):
    photo = two_tones(*tones, 320, 400, edge)
    coloured = recolour(to_grey(photo), view(photo, None, R), None)
    assert np.abs(coloured.astype(int) - photo).max() <= 8
    plain = to_uint8(torch.nn.functional.interpolate(view(photo, None, R), (320, 400), mode="bilinear"))[0]
    assert np.abs(plain.astype(int) - photo).max() > 50  # what enlarging alone would do


def test_edges_in_every_direction_keep_their_colours():
    rows, columns = np.indices((320, 320))
    disc = ((rows - 150) ** 2 + (columns - 170) ** 2 < 90**2)[..., None]
    photo = np.where(disc, (220, 190, 90), (40, 70, 110)).astype(np.uint8)
    off = np.abs(recolour(to_grey(photo), view(photo, None, R)).astype(int) - photo).max(axis=2)
    assert off.max() <= 12 and off.mean() <= 1.5


def test_fine_texture_gets_no_colours_that_the_model_put_nowhere_near():
    texture = np.random.default_rng(0).integers(0, 256, (320, 320, 1), dtype=np.uint8).repeat(3, 2)
    result = torch.tensor([0.3, 0.0, -0.2])[None, :, None, None].expand(1, 3, R, R)
    coloured = recolour(texture, result).astype(float)
    middle = (texture[..., 0] > 80) & (texture[..., 0] < 170)  # the ends of the range have room for less
    warmth = (coloured[..., 0] - coloured[..., 2])[middle]
    assert np.abs(warmth - 0.5 * 127.5).max() <= 1.5


def test_at_the_models_own_size_smooth_colours_are_the_models():
    rows, columns = torch.meshgrid(torch.linspace(-0.5, 0.5, R), torch.linspace(-0.5, 0.5, R), indexing="ij")
    result = torch.stack([rows, 0.3 * columns, -columns])[None]
    photo = to_grey(to_uint8(result)[0])
    expected = Colorize(view(photo, None, R)).project_in_range(result)
    assert (view(recolour(photo, result), None, R) - expected).abs().max() <= 0.15
    assert (view(recolour(photo, result), None, R) - expected).abs().mean() <= 0.03
