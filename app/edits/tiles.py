"""A picture of any size as overlapping tiles of the model's own, and back: neighbours fade into each other.

Shapes: H rows and W columns of the picture, R the side of a tile.
"""

from collections.abc import Sequence

import cv2
import numpy as np

OVERLAP = 1 / 4  # of a tile's side, with the next one


class Mosaic:
    """A picture in which tile after tile takes the place of what was there. Of pictures below R x R one tile is cut."""

    def __init__(self, pixels: np.ndarray, side: int):
        """pixels [H,W,3] uint8."""
        self.size = pixels.shape[:2]
        below = [max(side - length, 0) for length in self.size]
        self.before = cv2.copyMakeBorder(pixels, 0, below[0], 0, below[1], cv2.BORDER_REFLECT)
        self.now = self.before.astype(np.float32)
        self.rows, self.columns = (_shares(length, side) for length in self.before.shape[:2])
        self.corners = [(y, x) for y in self.rows for x in self.columns]
        self.side = side

    def tile(self, corner: tuple[int, int]) -> np.ndarray:
        """[R,R,3] uint8, as it was."""
        y, x = corner
        return self.before[y : y + self.side, x : x + self.side]

    def put(self, corner: tuple[int, int], tile: np.ndarray) -> None:
        """A tile [R,R,3] of float levels, 0 to 255, in its place: by its share of every pixel."""
        y, x = corner
        share = self.rows[y][:, None, None] * self.columns[x][None, :, None]
        self.now[y : y + self.side, x : x + self.side] += share * (tile - self.tile(corner))

    def pixels(self) -> np.ndarray:
        """[H,W,3] uint8."""
        return self.shown(self.now[: self.size[0], : self.size[1]])

    def preview(self, side: int) -> np.ndarray:
        """The same, at most that many pixels a side."""
        rows, columns = self.size
        scale = min(side / max(rows, columns), 1)
        size = max(round(columns * scale), 1), max(round(rows * scale), 1)
        return self.shown(cv2.resize(self.now[:rows, :columns], size, interpolation=cv2.INTER_AREA))

    @staticmethod
    def shown(levels: np.ndarray) -> np.ndarray:
        return levels.round().clip(0, 255).astype(np.uint8)


def _shares(length: int, side: int) -> dict[int, np.ndarray]:
    """Where tiles begin on an axis, and the share [R] that each has of what it covers: together 1 everywhere."""
    starts = tile_starts(length, side)
    ramp = np.minimum((np.arange(side) + 0.5) / (OVERLAP * side), 1)
    weights = np.minimum(ramp, ramp[::-1]).astype(np.float32)
    total = np.zeros(length, np.float32)
    for start in starts:
        total[start : start + side] += weights
    return {start: weights / total[start : start + side] for start in starts}


def tile_starts(length: int, side: int) -> Sequence[int]:
    """Evenly spread from edge to edge."""
    if length <= side:
        return [0]
    count = 1 + -int(-(length - side) // (side * (1 - OVERLAP)))
    return [round(k * (length - side) / (count - 1)) for k in range(count)]
