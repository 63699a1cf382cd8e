"""A picture of any size as overlapping tiles of the model's size, and back. Where tiles overlap they are blended.

Shapes: H rows and W columns of the picture, R the side of a tile.
"""

from collections.abc import Sequence

import cv2
import numpy as np

OVERLAP = 1 / 4  # of neighbouring tiles, in sides of a tile; or more, so that all tiles have one side


class Mosaic:
    """A picture in which tile after tile is replaced. A picture below R x R is mirrored at its borders to that size."""

    def __init__(self, pixels: np.ndarray, side: int):
        """pixels [H,W,3] uint8; side: R."""
        self.size = pixels.shape[:2]
        below = [max(side - length, 0) for length in self.size]
        self.original = cv2.copyMakeBorder(pixels, 0, below[0], 0, below[1], cv2.BORDER_REFLECT)
        self.blended = self.original.astype(np.float32)
        self.rows, self.columns = (_blend_weights(length, side) for length in self.original.shape[:2])
        self.corners = [(y, x) for y in self.rows for x in self.columns]
        self.side = side

    def tile(self, corner: tuple[int, int]) -> np.ndarray:
        """[R,R,3] uint8 of the original picture. corner: its first row and column."""
        y, x = corner
        return self.original[y : y + self.side, x : x + self.side]

    def put(self, corner: tuple[int, int], tile: np.ndarray) -> None:
        """Replaces a tile by [R,R,3] float levels, 0 to 255. Each pixel changes by the tile's weight there."""
        y, x = corner
        weight = self.rows[y][:, None, None] * self.columns[x][None, :, None]
        self.blended[y : y + self.side, x : x + self.side] += weight * (tile - self.tile(corner))

    def pixels(self) -> np.ndarray:
        """The picture with the tiles replaced so far, [H,W,3] uint8."""
        return _to_uint8(self.blended[: self.size[0], : self.size[1]])

    def preview(self, side: int) -> np.ndarray:
        """The same picture [h,w,3] uint8, made smaller to at most `side` pixels a side."""
        rows, columns = self.size
        scale = min(side / max(rows, columns), 1)
        size = max(round(columns * scale), 1), max(round(rows * scale), 1)
        return _to_uint8(cv2.resize(self.blended[:rows, :columns], size, interpolation=cv2.INTER_AREA))


def _to_uint8(levels: np.ndarray) -> np.ndarray:
    return levels.round().clip(0, 255).astype(np.uint8)


def _blend_weights(length: int, side: int) -> dict[int, np.ndarray]:
    """The weights [R] of each tile on an axis, by the position where it begins. At every pixel they add up to 1."""
    starts = tile_starts(length, side)
    ramp = np.minimum((np.arange(side) + 0.5) / (OVERLAP * side), 1)
    weights = np.minimum(ramp, ramp[::-1]).astype(np.float32)
    total = np.zeros(length, np.float32)
    for start in starts:
        total[start : start + side] += weights
    return {start: weights / total[start : start + side] for start in starts}


def tile_starts(length: int, side: int) -> Sequence[int]:
    """Where tiles of that side begin on an axis, evenly spread from edge to edge; [0] if it is shorter than one."""
    if length <= side:
        return [0]
    count = 1 + -int(-(length - side) // (side * (1 - OVERLAP)))
    return [round(k * (length - side) / (count - 1)) for k in range(count)]
