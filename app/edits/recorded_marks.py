"""The mask, strokes or dabs of an edit as text for the record of its result.

A mask becomes a PNG file of one bit a pixel, strokes and dabs one of four channels. Text that is too long for a record
is made again from a picture of half the side, until it fits.
"""

import io
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from app.edits.data_url import MAX_LAYER_SIDE, to_data_url

MAX_CHARACTERS = 24_000  # of a mask, and the same of strokes: a record has at most 65,536 bytes
SMALLEST_SIDE = 64  # pixels of the longer side: at less nothing can be recognised


def mask_url(mask: np.ndarray) -> str | None:
    """A mask [H,W] uint8 of 0 and 255 as a PNG data URL; None if it is too long even at SMALLEST_SIDE."""
    return _fitting(mask, lambda smaller: np.where(smaller >= 128, 255, 0).astype(np.uint8), _one_bit)


def layer_url(layer: np.ndarray | None) -> str | None:
    """Strokes or dabs [h,w,4] uint8 as a PNG data URL; None for None, or if it is too long even at SMALLEST_SIDE."""
    return None if layer is None else _fitting(layer, lambda smaller: smaller, _png)


def _fitting(pixels: np.ndarray, restore: Callable, png: Callable[[np.ndarray], bytes]) -> str | None:
    """restore: after making smaller, back to the values that the picture may have."""
    side = min(max(pixels.shape[:2]), MAX_LAYER_SIDE)
    while side >= min(SMALLEST_SIDE, max(pixels.shape[:2])):
        url = to_data_url(png(restore(_within(pixels, side))), "png")
        if len(url) <= MAX_CHARACTERS:
            return url
        side //= 2
    return None


def _within(pixels: np.ndarray, side: int) -> np.ndarray:
    scale = side / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    size = max(round(pixels.shape[1] * scale), 1), max(round(pixels.shape[0] * scale), 1)
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def _one_bit(mask: np.ndarray) -> bytes:
    return _png(Image.fromarray(mask).convert("1", dither=Image.Dither.NONE))


def _png(picture: np.ndarray | Image.Image) -> bytes:
    stream = io.BytesIO()
    picture = Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture
    picture.save(stream, "PNG", compress_level=9)
    return stream.getvalue()
