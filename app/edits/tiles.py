"""A picture of any size as overlapping tiles of the model's size, and back. Where tiles overlap they are blended.

Shapes: H rows and W columns of the picture, R the side of a tile as it is put back, F the factor by which a picture is
enlarged (1 where it keeps its size), r = R/F.
"""

from collections.abc import Sequence
from itertools import product

import cv2
import numpy as np

OVERLAP = 1 / 4  # of neighbouring tiles, in sides of a tile; or more, so that all tiles have one side


class Mosaic:
    """A picture in which tile after tile is replaced. A picture below r x r is mirrored at its borders to that size."""

    def __init__(self, pixels: np.ndarray, side: int, factor: int = 1):
        """pixels [H,W,3] uint8; side: R; factor: F, a divisor of R. What is not replaced has F x F equal pixels."""
        self.size = pixels.shape[0] * factor, pixels.shape[1] * factor
        self.side, self.factor = side // factor, factor
        below = [max(self.side - length, 0) for length in pixels.shape[:2]]
        self.original = cv2.copyMakeBorder(pixels, 0, below[0], 0, below[1], cv2.BORDER_REFLECT)
        self.blended = _enlarged(self.original, factor).astype(np.float32)
        self.rows, self.columns = (_blend_weights(length, self.side, factor) for length in self.original.shape[:2])
        self.corners = {corner: k for k, corner in enumerate(product(self.rows, self.columns))}  # the tiles' numbers

    def tile(self, corner: tuple[int, int]) -> np.ndarray:
        """[r,r,3] uint8 of the original picture. corner: its first row and column."""
        y, x = corner
        return self.original[y : y + self.side, x : x + self.side]

    def put(self, corner: tuple[int, int], tile: np.ndarray) -> None:
        """Replaces a tile by [R,R,3] float levels, 0 to 255. Each pixel changes by the tile's weight there."""
        weight = self.rows[corner[0]][:, None, None] * self.columns[corner[1]][None, :, None]
        y, x, side = corner[0] * self.factor, corner[1] * self.factor, len(tile)
        self.blended[y : y + side, x : x + side] += weight * (tile - _enlarged(self.tile(corner), self.factor))

    @property
    def levels(self) -> np.ndarray:
        """The picture with the tiles replaced so far, [FH,FW,3] float32, 0 to 255 but for rounding."""
        return self.blended[: self.size[0], : self.size[1]]

    def pixels(self) -> np.ndarray:
        """The same, [FH,FW,3] uint8."""
        return _to_uint8(self.levels)

    def preview(self, side: int) -> np.ndarray:
        """The same picture [h,w,3] uint8, made smaller to at most `side` pixels a side."""
        rows, columns = self.size
        scale = min(side / max(rows, columns), 1)
        size = max(round(columns * scale), 1), max(round(rows * scale), 1)
        return _to_uint8(cv2.resize(self.levels, size, interpolation=cv2.INTER_AREA))


def _enlarged(pixels: np.ndarray, factor: int) -> np.ndarray:
    """[H,W,3] with each pixel as F x F pixels."""
    return pixels if factor == 1 else pixels.repeat(factor, 0).repeat(factor, 1)


def _to_uint8(levels: np.ndarray) -> np.ndarray:
    return levels.round().clip(0, 255).astype(np.uint8)


def _blend_weights(length: int, side: int, factor: int) -> dict[int, np.ndarray]:
    """The weights [R] of each tile on an axis, by the position where it begins. At every pixel they add up to 1.

    length: of the original picture; side: r.
    """
    starts, large = tile_starts(length, side), side * factor
    ramp = np.minimum((np.arange(large) + 0.5) / (OVERLAP * large), 1)
    weights = np.minimum(ramp, ramp[::-1]).astype(np.float32)
    total = np.zeros(length * factor, np.float32)
    places = {start: slice(start * factor, start * factor + large) for start in starts}
    for place in places.values():
        total[place] += weights
    return {start: weights / total[place] for start, place in places.items()}


def tile_starts(length: int, side: int) -> Sequence[int]:
    """Where tiles of that side begin on an axis, evenly spread from edge to edge; [0] if it is shorter than one."""
    if length <= side:
        return [0]
    count = 1 + -int(-(length - side) // (side * (1 - OVERLAP)))
    return [round(k * (length - side) / (count - 1)) for k in range(count)]
