"""Photographs to squares."""

import numpy as np
import pytest
from PIL import Image

from core import PictureError
from tests import tiny
from training.data.crop import SQUARES, imagenet_square, lsun_square, square_pixels

KINDS = sorted(SQUARES)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(8, 8), (8, 31), (57, 16), (1, 1), (17, 3), (33, 32)])
def test_every_picture_gives_a_square(kind, size):
    pixels = square_pixels(Image.fromarray(tiny.picture(0, *size)), 8, kind)
    assert (pixels.shape, pixels.dtype) == ((3, 8, 8), np.uint8)


@pytest.mark.parametrize("kind", KINDS)
def test_a_square_of_the_right_side_stays_as_it_is(kind):
    picture = tiny.picture(1)
    assert np.array_equal(square_pixels(Image.fromarray(picture), 8, kind), picture.transpose(2, 0, 1))


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_the_middle_of_the_picture(kind):
    picture = np.zeros((16, 48, 3), dtype=np.uint8)
    picture[:, 16:32] = 200
    assert (square_pixels(Image.fromarray(picture), 8, kind)[:, :, 1:-1] == 200).all()  # bicubic blends the border


def test_imagenet_is_halved_by_means_and_then_bicubic():
    picture = tiny.picture(2, 40, 40)  # 40 -> 20 by means, 20 -> 16 bicubic
    halves = picture.reshape(20, 2, 20, 2, 3).mean(axis=(1, 3))
    expected = Image.fromarray(np.floor(halves + 0.5).astype(np.uint8)).resize((16, 16), Image.Resampling.BICUBIC)
    ours = np.asarray(imagenet_square(Image.fromarray(picture), 16)).astype(int)
    assert np.abs(ours - np.asarray(expected)).max() <= 2  # Pillow rounds after rows and after columns


def test_lsun_is_means_in_one_go():
    picture = tiny.picture(3, 24, 48)
    expected = picture.reshape(8, 3, 16, 3, 3).mean(axis=(1, 3))[:, 4:12]
    assert np.abs(np.asarray(lsun_square(Image.fromarray(picture), 8)) - expected).max() <= 1


@pytest.mark.parametrize("kind", ["imagenet", "lsun"])
def test_a_strip_is_no_picture(kind):
    with pytest.raises(PictureError, match="strip"):
        square_pixels(Image.new("RGB", (2000, 1)), 8, kind)
