"""What is there of a picture file that is cut short, as a browser shows it while the file is still on its way.

Shapes: H rows, W columns.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageFile

LEAST = 0.1  # of the pixels: of a picture of which less is there nothing can be told

# Rows and columns for which one pixel stands until the later passes of an interlaced file have come, finest first.
BLOCKS = {
    "PNG": ((2, 1), (2, 2), (4, 2), (4, 4), (8, 4), (8, 8)),
    "GIF": ((2, 1), (4, 1), (8, 1)),
}


def part_of(opened: Callable[[], ImageFile.ImageFile], kind: str) -> tuple[Image.Image, np.ndarray]:
    """The picture as far as it is there, and where it is missing, [H,W] bool.

    opened: opens the file, without decoding it. Raises OSError for a file that is damaged otherwise, and where less
    than a tenth of the pixels is there.
    """
    picture = opened()
    interlaced = _is_interlaced(picture, kind)
    picture = _begun(picture, 0)
    missing: np.ndarray = _plane(picture) != _plane(_begun(opened(), 255))
    if kind == "GIF" and not missing.any():  # one with a transparent colour, with which Pillow fills what is missing
        raise OSError("what is missing is not known")
    shown = _in_blocks(picture, missing, BLOCKS[kind]) if interlaced and missing.any() else picture
    if missing.mean() > 1 - LEAST:
        raise OSError("next to nothing is there")
    return shown, missing


def _begun(picture: ImageFile.ImageFile, ground: int) -> ImageFile.ImageFile:
    """The picture decoded up to the end of the file. Pixels that are missing keep the value `ground`."""
    picture.im = Image.new(picture.mode, picture.size, ground).im
    try:
        picture.load()
    except OSError as error:
        if "truncated" not in str(error):
            raise
        picture.tile = []  # that is all: Pillow takes it for decoded
    return picture


def _is_interlaced(picture: ImageFile.ImageFile, kind: str) -> bool:
    """Of a picture that is not decoded yet."""
    if kind == "GIF":
        arguments = picture.tile[0].args
        return isinstance(arguments, tuple) and bool(arguments[1])
    return bool(picture.info.get("interlace"))


def _plane(picture: Image.Image) -> np.ndarray:
    """[H,W]: the first channel, which is enough to tell one ground from another."""
    return np.asarray(picture if len(picture.getbands()) == 1 else picture.getchannel(0))


def _in_blocks(picture: Image.Image, missing: np.ndarray, blocks: tuple[tuple[int, int], ...]) -> Image.Image:
    """An interlaced picture in which pixels that are there stand for their block. `missing` is changed with it."""
    values = np.array(picture)
    for rows, columns in blocks:
        for down, right in np.ndindex(rows, columns):
            there, blank = missing[::rows, ::columns], missing[down::rows, right::columns]
            height, width = blank.shape
            shown = blank & ~there[:height, :width]
            values[down::rows, right::columns][shown] = values[::rows, ::columns][:height, :width][shown]
            blank[shown] = False
    filled = Image.fromarray(values)
    filled.info = picture.info
    if palette := picture.getpalette():
        filled.putpalette(palette)
    return filled
