"""Photographs to squares."""

import numpy as np
import pytest
from PIL import Image

from core import PictureError
from tests import tiny
from training.data.crop import CROPS, imagenet_crop, lsun_crop, cropped_pixels

KINDS = sorted(CROPS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [(8, 8), (8, 31), (57, 16), (1, 1), (17, 3), (33, 32)])
def test_every_picture_gives_a_square(kind, size):
    pixels = cropped_pixels(Image.fromarray(tiny.picture(0, *size)), 8, kind)
    assert (pixels.shape, pixels.dtype) == ((3, 8, 8), np.uint8)


@pytest.mark.parametrize("kind", KINDS)
def test_a_square_of_the_right_size_stays_unchanged(kind):
    picture = tiny.picture(1)
    assert np.array_equal(cropped_pixels(Image.fromarray(picture), 8, kind), picture.transpose(2, 0, 1))


@pytest.mark.parametrize("kind", KINDS)
def test_the_crop_is_the_middle_of_the_picture(kind):
    picture = np.zeros((16, 48, 3), dtype=np.uint8)
    picture[:, 16:32] = 200
    assert (cropped_pixels(Image.fromarray(picture), 8, kind)[:, :, 1:-1] == 200).all()  # bicubic blends the border


def test_the_imagenet_crop_is_halved_by_means_and_then_resized_bicubically():
    picture = tiny.picture(2, 40, 40)  # 40 -> 20 by means, 20 -> 16 bicubic
    halves = picture.reshape(20, 2, 20, 2, 3).mean(axis=(1, 3))
    expected = Image.fromarray(np.floor(halves + 0.5).astype(np.uint8)).resize((16, 16), Image.Resampling.BICUBIC)
    ours = np.asarray(imagenet_crop(Image.fromarray(picture), 16)).astype(int)
    assert np.abs(ours - np.asarray(expected)).max() <= 2  # Pillow rounds after rows and after columns


def test_the_lsun_crop_is_one_resize_by_means():
    picture = tiny.picture(3, 24, 48)
    expected = picture.reshape(8, 3, 16, 3, 3).mean(axis=(1, 3))[:, 4:12]
    assert np.abs(np.asarray(lsun_crop(Image.fromarray(picture), 8)) - expected).max() <= 1


@pytest.mark.parametrize("kind", ["imagenet", "lsun"])
def test_a_picture_that_is_far_too_long_is_refused(kind):
    with pytest.raises(PictureError, match="strip"):
        cropped_pixels(Image.new("RGB", (2000, 1)), 8, kind)
