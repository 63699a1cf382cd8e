"""How a photograph becomes a square of the network's side.

"box" suits photographs of any size. The other two are how the sets were made on which the published models and their
Fréchet distances rest (Dhariwal & Nichol 2021; Song et al. 2023): a set made in another way gives other figures.
"""

import numpy as np
from PIL import Image, ImageOps

from core.errors import PictureError

BOX, BICUBIC = Image.Resampling.BOX, Image.Resampling.BICUBIC


def box_square(picture: Image.Image, side: int) -> Image.Image:
    """The central square by means over areas."""
    return ImageOps.fit(picture, (side, side), BOX)


def imagenet_square(picture: Image.Image, side: int) -> Image.Image:
    """Halved by 2x2 means while the short side is at least twice the side, then bicubic, then the central square."""
    while min(picture.size) >= 2 * side:
        picture = picture.resize((picture.width // 2, picture.height // 2), BOX)
    return _centre(_short_side(picture, side, BICUBIC), side)


def lsun_square(picture: Image.Image, side: int) -> Image.Image:
    """The short side brought to the side by means over areas, then the central square."""
    return _centre(_short_side(picture, side, BOX), side)


SQUARES = {"box": box_square, "imagenet": imagenet_square, "lsun": lsun_square}


def square_pixels(picture: Image.Image, side: int, square: str) -> np.ndarray:
    """uint8 [3,side,side] of an RGB picture."""
    return np.asarray(SQUARES[square](picture, side)).transpose(2, 0, 1)


def _short_side(picture: Image.Image, side: int, method: Image.Resampling) -> Image.Image:
    scale = side / min(picture.size)
    width, height = (max(round(length * scale), side) for length in picture.size)
    if max(width, height) > 100 * side:
        raise PictureError("This picture is a strip more than a hundred times as long as it is wide.")
    return picture.resize((width, height), method)


def _centre(picture: Image.Image, side: int) -> Image.Image:
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return picture.crop((left, top, left + side, top + side))
