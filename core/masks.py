"""Masks: [H,W] uint8, 0 where the photo stays, anything else (255 from here) where it is to be filled.

Distances are Euclidean, between pixel centres. The picture's frame is no border of a mask: a mask that reaches it is
taken to go on outside.
"""

from math import ceil

import cv2
import numpy as np
from PIL import Image

from core.errors import RequestError


def to_mask(picture: Image.Image | np.ndarray) -> np.ndarray:
    """A picture of a mask, white = to be filled, as [H,W] uint8 of 0 and 255: 255 from half brightness on."""
    grey = picture.convert("L") if isinstance(picture, Image.Image) else Image.fromarray(picture).convert("L")
    return np.where(np.asarray(grey) >= 128, 255, 0).astype(np.uint8)


def grow(mask: np.ndarray, pixels: float) -> np.ndarray:
    """The mask [H,W], as 0 and 255, grown by all pixels within that distance, or shrunk for a negative one."""
    fill, grown = mask != 0, np.zeros(mask.shape, np.uint8)
    box = extents(fill, margin=max(ceil(pixels), 1))
    near = _distance_to_zeros(~fill[box]) <= pixels if pixels >= 0 else _distance_to_zeros(fill[box]) > -pixels
    grown[box] = np.where(near, 255, 0)
    return grown


def feather_weights(mask: np.ndarray, pixels: float) -> np.ndarray:
    """Weights [H,W] float32, 0 to 1, of what is filled: 0 outside the mask, smoothly rising to 1 inside it.

    pixels: the width over which they rise; 0 for a hard edge. Raises RequestError below 0.
    """
    if pixels < 0:
        raise RequestError(f"A feather of {pixels} pixels is not possible: it is 0 (a hard edge) or more.")
    if pixels == 0:
        return (mask != 0).astype(np.float32)
    depth = np.minimum(_distance_to_zeros(mask != 0) / np.float32(pixels + 1), 1)
    return depth * depth * (3 - 2 * depth)


def check_mask(mask: np.ndarray, photo: np.ndarray) -> None:
    """Raises RequestError for a mask that is not of the photo's size."""
    if mask.shape != photo.shape[:2]:
        given, needed = (f"{array.shape[1]} x {array.shape[0]}" for array in (mask, photo))
        raise RequestError(f"The mask has {given} pixels, the photo {needed}: they must have the same size.")


def extents(fill: np.ndarray, margin: int = 0) -> tuple[slice, slice]:
    """Rows and columns around all that is True, with a margin inside the frame; empty if nothing is."""
    slices = []
    for axis, length in enumerate(fill.shape):
        positions = np.flatnonzero(fill.any(axis=1 - axis))
        first, last = (int(positions[0]), int(positions[-1])) if len(positions) else (0, -1 - margin)
        slices.append(slice(max(first - margin, 0), max(min(last + 1 + margin, length), 0)))
    return slices[0], slices[1]


def _distance_to_zeros(inside: np.ndarray) -> np.ndarray:
    """Of every pixel to the nearest one that is False, float32; without any, far beyond every picture."""
    if not inside.size:
        return np.zeros(inside.shape, np.float32)
    return cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
