"""Cropping a photograph to a square of the network's size.

"box" suits photographs of any size. The other two crops are those of the data sets on which the published models were
trained and their Fréchet distances measured (Dhariwal & Nichol 2021; Song et al. 2023): another crop gives other
figures.

`side` is always the side of the square in pixels.
"""

import numpy as np
from PIL import Image, ImageOps

from core.errors import PictureError

BOX, BICUBIC = Image.Resampling.BOX, Image.Resampling.BICUBIC


def box_crop(picture: Image.Image, side: int) -> Image.Image:
    """The central square, resized by means over areas."""
    return ImageOps.fit(picture, (side, side), BOX)


def imagenet_crop(picture: Image.Image, side: int) -> Image.Image:
    """The central square after halving by 2x2 means while the short side is at least 2 `side`, then bicubic resizing.

    Raises PictureError for a picture that is far too long for its width.
    """
    while min(picture.size) >= 2 * side:
        picture = picture.resize((picture.width // 2, picture.height // 2), BOX)
    return _centre(_short_side(picture, side, BICUBIC), side)


def lsun_crop(picture: Image.Image, side: int) -> Image.Image:
    """The central square after the short side was resized to `side` by means over areas.

    Raises PictureError for a picture that is far too long for its width.
    """
    return _centre(_short_side(picture, side, BOX), side)


CROPS = {"box": box_crop, "imagenet": imagenet_crop, "lsun": lsun_crop}


def cropped_pixels(picture: Image.Image, side: int, crop: str) -> np.ndarray:
    """uint8 [3,side,side] of an RGB picture, by the crop of that name in CROPS. Raises PictureError as the crops do."""
    return np.asarray(CROPS[crop](picture, side)).transpose(2, 0, 1)


def _short_side(picture: Image.Image, side: int, method: Image.Resampling) -> Image.Image:
    """The picture resized so that its short side has `side` pixels."""
    scale = side / min(picture.size)
    width, height = (max(round(length * scale), side) for length in picture.size)
    if max(width, height) > 100 * side:
        raise PictureError("This picture is a strip more than a hundred times as long as it is wide.")
    return picture.resize((width, height), method)


def _centre(picture: Image.Image, side: int) -> Image.Image:
    """The central square of `side` pixels."""
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.crop((left, top, left + side, top + side))
